package internal.ticketing.gateway;

import static internal.ticketing.gateway.RunningGateway.OLD_ORIGIN_SECRET;
import static internal.ticketing.gateway.RunningGateway.ORIGIN_SECRET;
import static internal.ticketing.gateway.RunningGateway.SECRETS;
import static internal.ticketing.gateway.RunningGateway.byCloudFront;
import static internal.ticketing.gateway.RunningGateway.header;
import static internal.ticketing.gateway.RunningGateway.headerName;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import internal.ticketing.gateway.filter.Tokens;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, over HTTP. */
class EntryTest {

    private static final String TICKETS = "GET /api/tickets/" + Tokens.EVENT;

    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new RunningGateway(SECRETS);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static String withToken(String token) {
        return "X-Queue-Entry-Token: " + token;
    }

    private static String validToken() {
        return Tokens.valid(Instant.now());
    }

    private static void assertLetIn(String requestLine, String... headers) throws IOException {
        Exchange exchange = gateway.send(requestLine, headers);
        assertEquals(200, exchange.status(), exchange::toString);
        assertTrue(exchange.body().contains(": " + requestLine + "\n"), exchange::toString);
    }

    private static void assertAnswered(int status, String requestLine, String... headers) throws IOException {
        int before = gateway.passedOn();
        Exchange exchange = gateway.send(requestLine, headers);
        assertEquals(status, exchange.status(), exchange::toString);
        assertEquals(before, gateway.passedOn(), "a service has seen it");
    }

    private static void assertRefused(String requestLine, String... headers) throws IOException {
        assertAnswered(403, requestLine, headers);
    }

    @Test
    void refusesInJson() throws IOException {
        Exchange exchange = gateway.send(TICKETS);
        assertEquals(403, exchange.status());
        assertEquals(Optional.of("application/json"), exchange.header("Content-Type"));
        assertEquals(Optional.of("no-store"), exchange.header("Cache-Control"));
        assertEquals("{\"error\":\"entry_token_required\",\"message\":\"A valid queue entry token is required.\"}", exchange.body());
    }

    @Test
    void letsInWhatCloudFrontSent() throws IOException {
        assertLetIn(TICKETS, byCloudFront());
        assertLetIn(TICKETS, byCloudFront().toLowerCase());
        assertLetIn(TICKETS, byCloudFront(), withToken("anything"));
        assertLetIn("GET /booking/" + Tokens.EVENT, byCloudFront());
        assertLetIn(TICKETS, header(OLD_ORIGIN_SECRET));
    }

    @Test
    void refusesAnotherHeader() throws IOException {
        for (String value : List.of("", " ", "wrong", ORIGIN_SECRET.toUpperCase(), ORIGIN_SECRET.substring(1), ORIGIN_SECRET + "0",
                ORIGIN_SECRET + "," + OLD_ORIGIN_SECRET, ORIGIN_SECRET + ", " + ORIGIN_SECRET, "\"" + ORIGIN_SECRET + "\"")) {
            assertRefused(TICKETS, header(value));
        }
        assertRefused(TICKETS, "X-Origin-Verify: " + ORIGIN_SECRET);
        assertRefused(TICKETS, headerName().replace('-', '_') + ": " + ORIGIN_SECRET);
    }

    @Test
    void refusesTheHeaderTwice() throws IOException {
        assertRefused(TICKETS, byCloudFront(), byCloudFront());
        assertRefused(TICKETS, byCloudFront(), header("wrong"));
        assertRefused(TICKETS, header("wrong"), byCloudFront());
        assertRefused(TICKETS, header(""), byCloudFront(), withToken(validToken()));
    }

    @Test
    void letsInAValidTokenInTheTokenHeader() throws IOException {
        assertLetIn(TICKETS, withToken(validToken()));
        assertLetIn("POST /api/reservations", withToken(validToken()), "Content-Length: 0");
        assertLetIn("GET /api/payments/", withToken(validToken()));
        assertLetIn(TICKETS, header("wrong"), withToken(validToken()));
    }

    @Test
    void refusesATokenForAnotherEvent() throws IOException {
        assertRefused("GET /api/tickets/another", withToken(validToken()));
        assertRefused("GET /api/tickets/" + Tokens.EVENT.toUpperCase(), withToken(validToken()));
        assertRefused("GET /api/tickets/" + Tokens.EVENT + "x", withToken(validToken()));
    }

    @Test
    void refusesATokenThatIsNotValid() throws IOException {
        Map<String, Object> expired = Tokens.claims(Instant.now().minusSeconds(3600));
        String token = validToken();
        assertRefused(TICKETS, withToken(Tokens.sign(expired)));
        assertRefused(TICKETS, withToken(token.replaceFirst("\\..", ".A")));
        assertRefused(TICKETS, withToken("eyJhbGciOiJub25lIn0." + token.split("\\.")[1] + "."));
        assertRefused(TICKETS, withToken(""));
        assertRefused(TICKETS, withToken("Bearer " + token));
        assertRefused(TICKETS, withToken(token), withToken(token));
        assertRefused(TICKETS, withToken(token + "," + token));
    }

    @Test
    void looksAtNoCookie() throws IOException {
        assertRefused(TICKETS, "Cookie: vwr-entry-token=" + validToken());
        assertRefused(TICKETS, "Cookie: X-Queue-Entry-Token=" + validToken() + "; " + headerName() + "=" + ORIGIN_SECRET);
        assertRefused(TICKETS + "?token=" + validToken());
        assertRefused(TICKETS, "Authorization: Bearer " + validToken());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "FOO"})
    void protectsEveryMethod(String method) throws IOException {
        String requestLine = TICKETS.replace("GET", method);
        String[] preflight = {"Origin: https://a.test", "Access-Control-Request-Method: POST"};
        assertRefused(requestLine, preflight);
        assertEquals(200, gateway.send(requestLine, byCloudFront(), preflight[0], preflight[1]).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/%61pi/tickets", "/api/ticket%73", "/api/%74ickets/x", "/api%2ftickets", "/api%2Ftickets", "/api%5ctickets", "/api/%2e/tickets",
        "/api/x/%2e%2e/tickets", "/%2561pi/tickets", "//api/tickets", "/api//tickets", "/./api/tickets", "/api/./tickets", "/api/x/../tickets",
        "/queue/../api/tickets", "/api/auth/../tickets", "/../api/tickets", "/api/tickets/..", "/api;a=b/tickets", "/api/tickets;jsessionid=1",
        "/;/api/tickets", "/api/x/..;/tickets", "/api\\tickets", "/api/tickets.", "/api./tickets", "/api/tickets%00", "/api/tickets%20",
        "/api/tickets%0a", "/api/tickets%c0%ae", "/api/ticket%ef%bd%93", "/api/payments/webhooks/../e1", "/api/payments/webhooks/..;/e1",
        "/api/payments/webhooks;/e1", "/api/payments/webhooks%2f..%2fe1", "/actuator/..;/api/tickets", "/actuator/../api/tickets", "api/tickets", "*",
    })
    void refusesOtherSpellingsOfAPath(String path) throws IOException {
        assertAnswered(400, "GET " + path);
        assertAnswered(400, "GET " + path, byCloudFront());
        assertAnswered(400, "GET " + path, withToken(validToken()));
    }

    @Test
    void protectsAPathInCapitalsAndInAbsoluteForm() throws IOException {
        assertRefused("GET /API/tickets");
        assertRefused("GET /Api/Tickets/" + Tokens.EVENT);
        assertRefused("GET /BOOKING");
        assertRefused("GET /api/payments/WEBHOOKS");
        assertRefused("GET http://gateway/api/tickets");
        assertRefused("GET http://gateway/api/tickets?a=http://gateway/api/auth");
        assertEquals(200, gateway.send("GET http://gateway/api/tickets", byCloudFront()).status());
    }

    @Test
    void doesNotStartWithoutItsSecrets() {
        for (String[] settings : List.of(
                new String[] {"--QUEUE_ENTRY_TOKEN_SECRET=" + Tokens.SECRET},
                new String[] {"--QUEUE_ENTRY_TOKEN_SECRET=" + Tokens.SECRET, "--CLOUDFRONT_ORIGIN_SECRET="},
                new String[] {"--CLOUDFRONT_ORIGIN_SECRET=" + ORIGIN_SECRET},
                new String[] {"--CLOUDFRONT_ORIGIN_SECRET=" + ORIGIN_SECRET, "--QUEUE_ENTRY_TOKEN_SECRET= "})) {
            assertThrows(RuntimeException.class, () -> new RunningGateway(settings).close());
        }
    }

    @Test
    void takesTheHeadersNameFromTheConfigurationEverywhere() throws IOException {
        try (RunningGateway another = new RunningGateway("--gateway.origin.header=X-Any", SECRETS[0], SECRETS[1])) {
            assertEquals(403, another.send(TICKETS, byCloudFront()).status());
            Exchange letIn = another.send(TICKETS, "x-any: " + ORIGIN_SECRET);
            assertEquals(200, letIn.status());
            assertTrue(!letIn.body().contains(ORIGIN_SECRET), letIn::toString);
        }
    }
}
