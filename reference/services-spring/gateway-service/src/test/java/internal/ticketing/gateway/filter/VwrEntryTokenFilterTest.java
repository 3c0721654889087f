package internal.ticketing.gateway.filter;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the filter starts with; what it then does is told by {@code EntryTest}, over HTTP. */
class VwrEntryTokenFilterTest {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private static VwrEntryTokenFilter filter(String header, String secret) {
        return new VwrEntryTokenFilter(header, secret, new EntryTokenVerifier(SECRET, Clock.systemUTC()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", ",", "short", SECRET + ",", "," + SECRET, SECRET + ",short", SECRET + ", " + SECRET, SECRET + "\n", " " + SECRET,
        "0123456789abcdef 0123456789abcdef", "0123456789abcdef0123456789abcd\u00e9f",
    })
    void refusesToStartWithoutAProperSecret(String secret) {
        assertThrows(IllegalStateException.class, () -> filter("X-Any", secret));
    }

    @ParameterizedTest
    @ValueSource(strings = {SECRET, SECRET + ",another-one-of-at-least-32-bytes!"})
    void startsWithOneSecretOrTwo(String secret) {
        assertDoesNotThrow(() -> filter("X-Any", secret));
    }

    @Test
    void refusesToStartWithoutTheHeadersName() {
        assertThrows(IllegalStateException.class, () -> filter(" ", SECRET));
    }
}
