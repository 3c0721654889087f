package internal.ticketing.gateway;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the gateway answers itself: JSON that says why, and that nobody keeps. */
public enum JsonAnswer {

    BAD_REQUEST(400, "bad_request", "The request cannot be passed on as it is written."),
    ENTRY_TOKEN_REQUIRED(403, "entry_token_required", "A valid queue entry token is required."),
    NOT_FOUND(404, "not_found", "There is nothing at this path."),
    BAD_GATEWAY(502, "bad_gateway", "The service did not answer."),
    GATEWAY_TIMEOUT(504, "gateway_timeout", "The service did not answer in time.");

    private final int status;
    private final byte[] body;

    JsonAnswer(int status, String error, String message) {
        this.status = status;
        this.body = "{\"error\":\"%s\",\"message\":\"%s\"}".formatted(error, message).getBytes(StandardCharsets.UTF_8);
    }

    /** Answers by this and nothing else. */
    public void send(HttpServletResponse response) throws IOException {
        response.reset();
        response.setStatus(status);
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
