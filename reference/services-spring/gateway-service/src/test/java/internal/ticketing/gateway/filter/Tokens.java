package internal.ticketing.gateway.filter;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.impl.HMAC;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/** Queue entry tokens as a JOSE library makes them, and as somebody makes them who wants to get in. */
public final class Tokens {

    public static final String SECRET = "0123456789abcdef0123456789abcdef";
    public static final String EVENT = "spring-gala-2026";

    private Tokens() {
    }

    /** The claims of a valid token, to be changed. */
    public static Map<String, Object> claims(Instant now) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", "queue-service");
        claims.put("aud", "ticketing-entry");
        claims.put("sub", "user-42");
        claims.put("event", EVENT);
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.getEpochSecond() + 600);
        return claims;
    }

    public static String valid(Instant now) {
        return sign(claims(now));
    }

    /** A valid token but for one claim. */
    static String with(Instant now, String claim, Object value) {
        Map<String, Object> claims = claims(now);
        claims.put(claim, value);
        return sign(claims);
    }

    public static String sign(Map<String, Object> claims) {
        return sign(new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build(), new Payload(claims), SECRET);
    }

    static String sign(JWSHeader header, Payload payload, String secret) {
        try {
            JWSObject token = new JWSObject(header, payload);
            token.sign(new MACSigner(secret));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A token with exactly these bytes in it, rightly signed. */
    static String signText(String header, String claims) {
        return signSegments(encode(header.getBytes(StandardCharsets.UTF_8)), encode(claims.getBytes(StandardCharsets.UTF_8)));
    }

    static String signSegments(String header, String claims) {
        try {
            byte[] input = (header + "." + claims).getBytes(StandardCharsets.UTF_8);
            SecretKeySpec key = new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
            return header + "." + claims + "." + encode(HMAC.compute(key, input, null));
        } catch (JOSEException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
