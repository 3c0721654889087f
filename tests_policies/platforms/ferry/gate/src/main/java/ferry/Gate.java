package ferry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;

/** The gate: what CloudFront sent, or who has a pass, goes on to the cabins, without /api. */
public final class Gate {

    private static final String EDGE_HEADER = "X-Ferry-Edge";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final byte[] edgeWord = System.getenv("EDGE_WORD").getBytes(StandardCharsets.UTF_8);
    private final Pass pass = new Pass(System.getenv("PASS_KEY"));
    private final String cabins = System.getenv("CABINS_URL");
    private final String pages = System.getenv("PAGES_URL");

    public static void main(String[] arguments) throws IOException {
        Gate gate = new Gate();
        HttpServer server = HttpServer.create(new InetSocketAddress(9090), 0);
        server.createContext("/", gate::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path == null || !path.matches("(?:/[A-Za-z0-9_~-]+(?:\\.+[A-Za-z0-9_~-]+)*)*/?")) {
            answer(exchange, 400, "{\"error\":\"path\"}");
            return;
        }
        boolean isProtected = path.toLowerCase(Locale.ROOT).matches("/api/cabins(/.*)?");
        if (isProtected && !mayEnter(exchange.getRequestHeaders())) {
            answer(exchange, 401, "{\"error\":\"pass\"}");
            return;
        }
        String target = path.startsWith("/api/") ? cabins + path.substring(4) : pages + path;
        try {
            HttpRequest onward = HttpRequest.newBuilder(URI.create(target)).method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody()).build();
            HttpResponse<String> found = CLIENT.send(onward, HttpResponse.BodyHandlers.ofString());
            answer(exchange, found.statusCode(), found.body());
        } catch (InterruptedException | IllegalArgumentException e) {
            answer(exchange, 502, "{\"error\":\"cabins\"}");
        }
    }

    private boolean mayEnter(Headers headers) {
        List<String> sent = headers.getOrDefault(EDGE_HEADER, List.of());
        if (sent.size() > 1) {
            return false;
        }
        String word = headers.getFirst(EDGE_HEADER);
        if (word != null && MessageDigest.isEqual(word.getBytes(StandardCharsets.UTF_8), edgeWord)) {
            return true;
        }
        List<String> passes = headers.getOrDefault("X-Ferry-Pass", List.of());
        return passes.size() == 1 && pass.holds(passes.get(0));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, isHead ? -1 : bytes.length);
        if (!isHead) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }
}
