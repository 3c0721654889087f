package internal.ticketing.gateway.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import internal.ticketing.gateway.proxy.Routes.Route;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {

    private final Routes routes = new Routes(List.of(new Route("/", URI.create("http://frontend:3000")),
            new Route("/api/tickets", URI.create("http://tickets:8080")), new Route("/api/tickets/archive", URI.create("http://archive:8080/"))));

    @ParameterizedTest
    @CsvSource({
        "/,frontend", "/queue,frontend", "/apix,frontend", "/api/tickets,tickets", "/api/tickets/e1,tickets", "/api/tickets/archive/1,archive",
        "/api,", "/api/,", "/api/ticketsX,", "/api/internal/tickets,", "/actuator,", "/actuator/env,",
    })
    void leadsTo(String path, String service) {
        assertEquals(service, routes.find(path).map(route -> route.uri().getHost()).orElse(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "tickets:8080", "ftp://tickets", "http:///x", "http://a@tickets", "http://tickets/path", "http://tickets?a", "http://tickets#a",
    })
    void refusesWhatIsNoService(String uri) {
        assertThrows(IllegalStateException.class, () -> new Route("/api/tickets", URI.create(uri)));
    }

    @Test
    void refusesToHaveNone() {
        assertThrows(IllegalStateException.class, () -> new Routes(List.of()));
        assertThrows(IllegalStateException.class, () -> new Routes(null));
    }
}
