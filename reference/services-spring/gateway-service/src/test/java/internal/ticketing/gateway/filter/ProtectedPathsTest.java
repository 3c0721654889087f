package internal.ticketing.gateway.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtectedPathsTest {

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/tickets", "/api/tickets/", "/a.b/~c_d-e/0", "/.well-known/x"})
    void isCanonical(String path) {
        assertTrue(ProtectedPaths.isCanonical(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "*", "api/tickets", "//", "//api/tickets", "/api//tickets", "/api/tickets//", "/.", "/..", "/./api", "/api/../api/tickets",
        "/api/tickets/..", "/api/tickets.", "/api./tickets", "/api/...", "/%61pi/tickets", "/api%2ftickets", "/api/tickets%00", "/api/tickets%20",
        "/api;a=b/tickets", "/api/tickets;", "/api/..;/tickets", "/api\\tickets", "/api/ticket\u017F", "/api/tickets ", "/api/tickets\n",
        "/api/tickets\0", "/api/ticket\uFF53", "/api/tickets?a", "/api/tickets#a",
        "/api/tickets:80", "/api/@tickets", "/api/tickets+", "/api/tickets,", "http://a/api/tickets",
    })
    void isNotCanonical(String path) {
        assertFalse(ProtectedPaths.isCanonical(path));
    }

    @Test
    void isNotCanonicalBeyondItsLength() {
        assertTrue(ProtectedPaths.isCanonical("/a".repeat(1024)));
        assertFalse(ProtectedPaths.isCanonical("/a".repeat(1024) + "/"));
    }

    @ParameterizedTest
    @CsvSource({
        "/api/tickets,''", "/api/tickets/,''", "/api/tickets/e1,e1", "/api/tickets/e1/seats,e1", "/API/Tickets/E1,E1", "/api/reservations/e1,e1",
        "/api/payments/e1,e1", "/booking,''", "/Booking/e1/,e1", "/api/payments/webhooksX,webhooksX", "/api/payments/Webhooks,Webhooks",
    })
    void isProtected(String path, String event) {
        assertEquals(Optional.of(event), ProtectedPaths.protectedEvent(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/", "/api", "/api/ticketsX", "/api/tickets-archive", "/bookings", "/api/catalog/tickets", "/v1/api/tickets",
        "/api/payments/webhooks", "/api/payments/webhooks/stripe", "/api/queue/e1", "/api/auth/login", "/queue", "/queue/",
    })
    void isNotProtected(String path) {
        assertEquals(Optional.empty(), ProtectedPaths.protectedEvent(path));
    }
}
