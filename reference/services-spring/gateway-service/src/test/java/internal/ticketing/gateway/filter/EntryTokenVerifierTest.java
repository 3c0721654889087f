package internal.ticketing.gateway.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens are taken for signed; what they must say, {@code EntryTokenClaimsTest} tells. */
class EntryTokenVerifierTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    private static final String CLAIMS =
            "{\"iss\":\"queue-service\",\"aud\":\"ticketing-entry\",\"sub\":\"user-42\",\"event\":\"e1\",\"exp\":1767226200%s}";

    private static EntryTokenVerifier at(Instant now) {
        return new EntryTokenVerifier(Tokens.SECRET, Clock.fixed(now, ZoneOffset.UTC));
    }

    private static void assertTaken(String token) {
        assertEquals(Optional.of(Tokens.EVENT), at(NOW).event(token), token);
    }

    private static void assertRefused(String token) {
        assertEquals(Optional.empty(), at(NOW).event(token), token);
    }

    @Test
    void takesWhatAJoseLibraryIssues() {
        assertTaken(Tokens.valid(NOW));
        assertTaken(Tokens.sign(new JWSHeader(JWSAlgorithm.HS256), new Payload(Tokens.claims(NOW)), Tokens.SECRET));
        assertTaken(Tokens.with(NOW, "aud", List.of("another", "ticketing-entry")));
        assertTaken(Tokens.with(NOW, "jti", Map.of("any", List.of(1, 2, 3))));
    }

    @Test
    void refusesEveryBitThatIsAltered() {
        byte[] token = Tokens.valid(NOW).getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < token.length; at++) {
            for (int bit = 0; bit < 7; bit++) {
                byte[] altered = token.clone();
                altered[at] ^= (byte) (1 << bit);
                assertRefused(new String(altered, StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void refusesEveryTokenThatIsCutShort() {
        String token = Tokens.valid(NOW);
        for (int length = 0; length < token.length(); length++) {
            assertRefused(token.substring(0, length));
        }
    }

    @Test
    void refusesAnotherKeyOrAlgorithm() {
        Payload claims = new Payload(Tokens.claims(NOW));
        assertRefused(Tokens.sign(new JWSHeader(JWSAlgorithm.HS256), claims, "another".repeat(8)));
        assertRefused(Tokens.sign(new JWSHeader(JWSAlgorithm.HS384), claims, Tokens.SECRET.repeat(2)));
        assertRefused(Tokens.sign(new JWSHeader(JWSAlgorithm.HS512), claims, Tokens.SECRET.repeat(2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"alg\":\"none\"}", "{\"alg\":\"None\"}", "{\"alg\":\"hs256\"}", "{\"alg\":\"RS256\"}", "{\"alg\":\"HS512\"}",
        "{\"alg\":[\"HS256\"]}", "{\"alg\":256}", "{\"alg\":null}", "{\"typ\":\"JWT\"}", "{}", "[]", "\"HS256\"", "null", "",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}", "{\"alg\":\"none\",\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"\\u0061lg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", "{\"alg\":\"HS256\",\"typ\":null}",
        "{\"alg\":\"HS256\",\"crit\":[]}", "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", "{\"alg\":\"HS256\",\"b64\":false}",
        "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}", "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
        "{\"alg\":\"HS256\",\"jku\":\"https://a.test/\"}", "{\"alg\":\"HS256\",\"zip\":\"DEF\"}", "{\"alg\":\"HS256\",\"cty\":\"JWT\"}",
        "{\"alg\":\"HS256\"} {}", "{\"alg\":\"HS256\",}", "{'alg':'HS256'}", "{\"alg\":\"HS256\"}//", "\uFEFF{\"alg\":\"HS256\"}",
    })
    void refusesOtherHeaders(String header) {
        assertRefused(Tokens.signText(header, CLAIMS.formatted("")));
    }

    @Test
    void refusesTokensThatAreNotSigned() {
        String claims = Tokens.valid(NOW).split("\\.")[1];
        String none = Tokens.encode("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        assertRefused(none + "." + claims + ".");
        assertRefused(none + "." + claims);
        assertRefused(Tokens.valid(NOW).replaceAll("[^.]*$", ""));
        assertRefused(Tokens.valid(NOW).replaceAll("[^.]*$", Tokens.encode(new byte[32])));
    }

    @Test
    void refusesOtherSpellingsOfAToken() {
        String token = Tokens.valid(NOW);
        for (String other : List.of(token + "=", token + ".", "." + token, token + "." + token, " " + token, token + " ", token + "\n",
                "Bearer " + token, token.replaceFirst("\\.", "=."), "\"" + token + "\"", "{\"payload\":\"" + token + "\"}", token + "," + token)) {
            assertRefused(other);
        }
        // 32 bytes are 43 characters, the last of which has two bits to spare.
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(token.charAt(token.length() - 1));
        assertRefused(token.substring(0, token.length() - 1) + alphabet.charAt(last + 1));
        // Rightly signed over a spelling that is not canonical.
        String[] segments = token.split("\\.");
        assertRefused(Tokens.signSegments(segments[0] + "=", segments[1]));
        assertRefused(Tokens.signSegments(segments[0], segments[1] + "=="));
        assertRefused(Tokens.signSegments(segments[0], " " + segments[1]));
    }

    @Test
    void refusesATokenThatIsTooLong() {
        assertTaken(Tokens.with(NOW, "jti", "x".repeat(2500)));
        assertRefused(Tokens.with(NOW, "jti", "x".repeat(4096)));
    }

    @Test
    void nestsThirtyTwoDeep() {
        assertEquals(Optional.of("e1"), at(NOW).event(Tokens.signText(HEADER, CLAIMS.formatted(",\"x\":" + "[".repeat(31) + "]".repeat(31)))));
        assertRefused(Tokens.signText(HEADER, CLAIMS.formatted(",\"x\":" + "[".repeat(32) + "]".repeat(32))));
        assertRefused(Tokens.signText(HEADER, "[".repeat(1400)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "0123456789abcdef0123456789abcde", "                                "})
    void doesNotStartWithoutAKey(String secret) {
        assertThrows(IllegalStateException.class, () -> new EntryTokenVerifier(secret, Clock.systemUTC()));
    }

    @Test
    void ignoresTheTypeOnlyIfItIsNotThere() {
        assertRefused(Tokens.sign(new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JOSE).build(),
                new Payload(Tokens.claims(NOW)), Tokens.SECRET));
    }
}
