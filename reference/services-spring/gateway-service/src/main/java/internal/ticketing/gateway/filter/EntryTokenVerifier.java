package internal.ticketing.gateway.filter;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Verifies a queue entry token: a JWT in JWS compact serialisation, signed by HS256 and nothing else, whatever its header says (RFC 8725, 3.1).
 *
 * <p>Stricter than RFC 7519 asks: one spelling of each token, no header but {@code alg} and {@code typ}, no leeway. The edge keeps the
 * same rules; a token that only one of the two takes is a way round the other.
 */
@Component
class EntryTokenVerifier {

    static final int MAX_LENGTH = 4096;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int SIGNATURE_BYTES = 32;
    /** RFC 7518, 3.2: a key at least as long as the hash. */
    private static final int MIN_SECRET_BYTES = 32;
    private static final String ISSUER = "queue-service";
    private static final String AUDIENCE = "ticketing-entry";
    private static final Pattern EVENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    /** The largest integer up to which a double, JSON's number in JavaScript, holds each (RFC 8259, 6). */
    private static final double MAX_SAFE_INTEGER = 9007199254740991d;

    private final SecretKeySpec key;
    private final Clock clock;

    EntryTokenVerifier(@Value("${gateway.entry-token.secret}") String secret, Clock clock) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        if (secret.isBlank() || bytes.length < MIN_SECRET_BYTES) {
            throw new IllegalStateException("gateway.entry-token.secret (QUEUE_ENTRY_TOKEN_SECRET) must have " + MIN_SECRET_BYTES + " bytes or more");
        }
        this.key = new SecretKeySpec(bytes, ALGORITHM);
        this.clock = clock;
    }

    /** The event that a token lets its bearer into; nothing where the token is not valid now. */
    Optional<String> event(String token) {
        if (token.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] segments = token.split("\\.", -1);
        // What is not signed is not read.
        if (segments.length != 3 || !isSigned(segments[0] + "." + segments[1], segments[2])) {
            return Optional.empty();
        }
        return decode(segments[0]).flatMap(StrictJson::object).filter(EntryTokenVerifier::isHs256)
                .flatMap(header -> decode(segments[1])).flatMap(StrictJson::object).filter(this::holdsNow)
                .map(claims -> claims.get("event").stringValue());
    }

    private boolean isSigned(String input, String signature) {
        return decode(signature).filter(bytes -> bytes.length == SIGNATURE_BYTES)
                .filter(bytes -> MessageDigest.isEqual(sign(input), bytes)).isPresent();
    }

    private byte[] sign(String input) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(input.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + ALGORITHM, e);
        }
    }

    /** The bytes of a segment, if this is the one way to write them: the URL's alphabet, no padding, no stray bits at the end. */
    private static Optional<byte[]> decode(String segment) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(segment);
            String canonical = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            return canonical.equals(segment) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isHs256(JsonNode header) {
        return Set.of("alg", "typ").containsAll(header.propertyNames()) && isText(header.get("alg"), "HS256")
                && (!header.has("typ") || isText(header.get("typ"), "JWT"));
    }

    private boolean holdsNow(JsonNode claims) {
        JsonNode subject = claims.get("sub");
        JsonNode event = claims.get("event");
        return isText(claims.get("iss"), ISSUER) && isForUs(claims.get("aud"))
                && subject != null && subject.isString() && !subject.stringValue().isEmpty()
                && event != null && event.isString() && EVENT.matcher(event.stringValue()).matches()
                && isTime(claims.get("exp")) && millis(claims.get("exp")) > clock.millis()
                && isPast(claims.get("nbf")) && isPast(claims.get("iat"));
    }

    private static boolean isForUs(JsonNode audience) {
        if (audience == null || !audience.isArray()) {
            return isText(audience, AUDIENCE);
        }
        return audience.valueStream().allMatch(JsonNode::isString) && audience.valueStream().anyMatch(one -> isText(one, AUDIENCE));
    }

    private static boolean isText(JsonNode node, String expected) {
        return node != null && node.isString() && node.stringValue().equals(expected);
    }

    /** Whether an optional time, if stated, has come. */
    private boolean isPast(JsonNode time) {
        return time == null || isTime(time) && millis(time) <= clock.millis();
    }

    private static boolean isTime(JsonNode node) {
        if (node == null || !node.isNumber()) {
            return false;
        }
        // Without the default, Jackson throws at an integer beyond a double's range.
        double seconds = node.asDouble(Double.NaN);
        return Math.abs(seconds) <= MAX_SAFE_INTEGER && seconds == Math.rint(seconds);
    }

    private static long millis(JsonNode time) {
        return Math.multiplyExact((long) time.doubleValue(), 1000L);
    }
}
