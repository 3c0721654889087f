package internal.ticketing.gateway;

import static internal.ticketing.gateway.RunningGateway.ORIGIN_SECRET;
import static internal.ticketing.gateway.RunningGateway.SECRETS;
import static internal.ticketing.gateway.RunningGateway.byCloudFront;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import internal.ticketing.gateway.filter.Tokens;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request that is let in, and of the answer to it. */
class PassingOnTest {

    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new RunningGateway(SECRETS);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static Set<String> headersSeen(Exchange exchange) {
        return Set.copyOf(exchange.body().toLowerCase().lines().skip(1).takeWhile(line -> !line.isEmpty()).map(line -> line.split(":")[0]).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "/api/payments/webhooks/stripe,service", "/api/queue/join,service", "/api/auth/login,service", "/queue,frontend",
        "/api/catalog/events,service", "/,frontend", "/assets/app.js,frontend", "/bookings,frontend", "/apix,frontend",
        "/internal/reservations/1,frontend",
    })
    void leadsToAService(String path, String service) throws IOException {
        Exchange exchange = gateway.send("GET " + path);
        assertEquals(200, exchange.status(), exchange::toString);
        assertTrue(exchange.body().startsWith(service + ": GET " + path + "\n"), exchange::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api", "/api/internal/tickets", "/api/ticketsX", "/actuator", "/actuator/env", "/actuator/heapdump", "/actuator/error"})
    void leadsNowhereElse(String path) throws IOException {
        int before = gateway.passedOn();
        assertEquals(404, gateway.send("GET " + path, byCloudFront()).status());
        assertEquals(before, gateway.passedOn());
    }

    @Test
    void removesWhatNoViewerMaySay() throws IOException {
        Exchange exchange = gateway.send("GET /api/tickets", byCloudFront(), "X-User-Id: 1", "x-USER-roles: admin", "X_Roles: 1",
                "X-Internal-Token: a", "X-Ticketing-Internal-Token: a", "X-Authenticated-User: a", "Remote-User: a", "X-Forwarded-User: a",
                "X-Forwarded-Host: a", "Forwarded: for=a", "X-Original-URL: /a", "X-Rewrite-Url: /a", "X-HTTP-Method-Override: DELETE",
                "X-Amzn-Oidc-Identity: a", "Proxy-Authorization: a", "TE: trailers", "Keep-Alive: a");
        assertEquals(Set.of("host", "user-agent", "content-length", "x-forwarded-for"), headersSeen(exchange));
    }

    @Test
    void removesItFromWhatIsNotProtectedToo() throws IOException {
        Exchange exchange = gateway.send("GET /api/catalog", byCloudFront(), byCloudFront(), "X-User-Id: 1");
        assertEquals(Set.of("host", "user-agent", "content-length", "x-forwarded-for"), headersSeen(exchange));
    }

    @Test
    void passesOnTheRest() throws IOException {
        Exchange exchange = gateway.send("PUT /api/catalog?a=%20&b[]={1|2}&c=%zz", "Authorization: Bearer a", "Cookie: a=1", "Cookie: b=2",
                "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "Content-Type: application/x-www-form-urlencoded", "Content-Length: 7", "", "a=1&b=2");
        String seen = exchange.body();
        assertTrue(seen.startsWith("service: PUT /api/catalog?a=%20&b%5B%5D=%7B1%7C2%7D&c=%25zz\n"), seen);
        for (String line : List.of("Authorization: Bearer a", "Cookie: a=1; b=2", "X-forwarded-for: 192.0.2.1, 127.0.0.1", "X-forwarded-proto: https",
                "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Content-length: 7")) {
            assertTrue(seen.contains("\n" + line + "\n"), line + " in " + seen);
        }
        assertTrue(seen.endsWith("\n\na=1&b=2"), seen);
        assertEquals(2, exchange.headers().stream().filter(line -> line.toLowerCase().startsWith("set-cookie:")).count());
        assertEquals(Optional.empty(), exchange.header("X-Hop"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void passesOnABodyOfAnyKind(String method) throws IOException {
        String line = method + " /api/catalog";
        String multipart = gateway.send(line, "Content-Type: multipart/form-data; boundary=x", "Transfer-Encoding: chunked", "",
                "5", "--x--", "0", "", "").body();
        assertTrue(multipart.endsWith("\n\n--x--"), multipart);
        String form = gateway.send(line, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3", "", "a=1").body();
        assertTrue(form.endsWith("\n\na=1"), form);
    }

    @Test
    void passesBackTheStatus() throws IOException {
        assertEquals(418, gateway.send("GET /api/catalog/teapot").status());
        assertEquals(200, gateway.send("HEAD /api/catalog").status());
    }

    @Test
    void takesWhatCloudFrontTakes() throws IOException {
        assertEquals(200, gateway.send("GET /api/tickets", byCloudFront(), "Cookie: a=" + "x".repeat(30_000)).status());
    }

    @Test
    void saysWhenAServiceIsNotThere() throws IOException {
        Exchange exchange = gateway.send("GET /api/community");
        assertEquals(502, exchange.status());
        assertEquals(Optional.of("no-store"), exchange.header("Cache-Control"));
        assertFalse(exchange.body().contains("127.0.0.1"), exchange::toString);
    }

    @Test
    void breaksOffWhatBrokeOff() throws IOException {
        Exchange exchange = gateway.send("GET /api/stats/broken-off");
        assertEquals(200, exchange.status());
        assertTrue(exchange.body().length() < Integer.parseInt(exchange.header("Content-Length").orElseThrow()), exchange::toString);
        assertFalse(exchange.body().contains("error"), exchange::toString);
    }

    @Test
    void answersProbesAndPrometheus() throws IOException {
        assertEquals("{\"status\":\"UP\"}", gateway.send("GET /actuator/health/liveness").body());
        assertEquals("{\"status\":\"UP\"}", gateway.send("GET /actuator/health/readiness").body());
        gateway.send("GET /api/tickets");
        String metrics = gateway.send("GET /actuator/prometheus").body();
        assertTrue(metrics.contains("http_server_requests_seconds_count"), metrics);
        assertTrue(metrics.contains("status=\"403\""), metrics);
        assertFalse(metrics.contains(ORIGIN_SECRET) || metrics.contains(Tokens.SECRET));
    }
}
