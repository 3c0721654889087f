package internal.ticketing.gateway.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** What a token that is rightly signed must say. */
class EntryTokenClaimsTest {

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

    private static String with(String claim, Object value) {
        return Tokens.with(NOW, claim, value);
    }

    private static String without(String claim) {
        Map<String, Object> claims = Tokens.claims(NOW);
        claims.remove(claim);
        return Tokens.sign(claims);
    }

    @Test
    void endsAtItsVerySecond() {
        String token = Tokens.valid(NOW.minusSeconds(600));
        assertEquals(Optional.of(Tokens.EVENT), at(NOW.minusMillis(1)).event(token));
        assertRefused(token);
    }

    @Test
    void beginsAtItsVerySecond() {
        for (String claim : List.of("nbf", "iat")) {
            assertTaken(with(claim, NOW.getEpochSecond()));
            assertRefused(with(claim, NOW.getEpochSecond() + 1));
            Map<String, Object> claims = Tokens.claims(NOW.minusSeconds(60));
            claims.put(claim, NOW.getEpochSecond());
            assertEquals(Optional.empty(), at(NOW.minusMillis(1)).event(Tokens.sign(claims)));
            assertTaken(Tokens.sign(claims));
            assertRefused(with(claim, "1767225600"));
            assertRefused(with(claim, true));
            assertRefused(with(claim, 0.5));
        }
    }

    @Test
    void needsNoBeginning() {
        assertTaken(without("iat"));
    }

    @Test
    void refusesClaimsThatAreMissing() {
        for (String claim : List.of("iss", "aud", "sub", "event", "exp")) {
            assertRefused(without(claim));
        }
    }

    @Test
    void refusesClaimsOfAnotherType() {
        for (String claim : List.of("iss", "aud", "sub", "event", "exp")) {
            for (Object value : List.of("", -1, 0, false, List.of(), List.of(1), Map.of())) {
                assertRefused(with(claim, value));
            }
        }
        assertRefused(with("aud", List.of("ticketing-entry", 1)));
    }

    @Test
    void refusesClaimsOfAnotherValue() {
        for (String value : List.of("another", "Queue-Service", "queue-service ", "queue-service\0")) {
            assertRefused(with("iss", value));
        }
        for (Object value : List.of("another", "TICKETING-ENTRY", "ticketing-entry,another", List.of("another"))) {
            assertRefused(with("aud", value));
        }
        for (String value : List.of(" ", "a b", "../" + Tokens.EVENT, Tokens.EVENT + "\n", "-a", "a".repeat(65))) {
            assertRefused(with("event", value));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"1767226200\"", "[1767226200]", "null", "true", "1e400", "-1e400", "1767226200.5", "9007199254740992", "1767226200000e6",
    })
    void refusesAnEndThatIsNoWholeNumber(String exp) {
        assertRefused(Tokens.signText(HEADER, CLAIMS.replace("1767226200", exp).formatted("")));
    }

    @Test
    void refusesAnEndThatNoDoubleHolds() {
        assertRefused(Tokens.signText(HEADER, CLAIMS.replace("1767226200", "9".repeat(400)).formatted("")));
        assertRefused(Tokens.signText(HEADER, CLAIMS.formatted(",\"nbf\":-" + "9".repeat(400))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1767226200.0", "1.7672262e9", "17672262E+2", "9007199254740991"})
    void takesAnEndThatIsAWholeNumber(String exp) {
        assertEquals(Optional.of("e1"), at(NOW).event(Tokens.signText(HEADER, CLAIMS.replace("1767226200", exp).formatted(""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        ",\"exp\":1767226200", ",\"sub\":\"user-42\"", ",\"\\u0065xp\":1", ",\"x\":{\"a\":1,\"a\":1}", ",\"x\":[{\"a\":1,\"a\":1}]", ",\"x\":NaN",
        ",\"x\":Infinity", ",\"x\":01", ",\"x\":'a'", ",", ",\"x\":1}{", ",\"x\":1 /* a */", ",x:1", ",\"x\":\"\u0001\"",
    })
    void refusesClaimsThatCanBeReadInTwoWays(String more) {
        assertRefused(Tokens.signText(HEADER, CLAIMS.formatted(more)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "[]", "\"a\"", "", "{", "\uFEFF{}"})
    void refusesClaimsThatAreNoObject(String claims) {
        assertRefused(Tokens.signText(HEADER, claims));
    }

    @Test
    void refusesClaimsThatAreNoUtf8() {
        byte[] claims = CLAIMS.formatted(",\"x\":\"?\"").getBytes(StandardCharsets.ISO_8859_1);
        claims[new String(claims, StandardCharsets.ISO_8859_1).indexOf('?')] = (byte) 0xE9;
        String header = Tokens.encode(HEADER.getBytes(StandardCharsets.UTF_8));
        assertRefused(Tokens.signSegments(header, Tokens.encode(claims)));
        assertRefused(Tokens.signSegments(header, Tokens.encode(CLAIMS.formatted("").getBytes(StandardCharsets.UTF_16))));
    }
}
