package internal.ticketing.gateway.proxy;

import internal.ticketing.gateway.JsonAnswer;
import internal.ticketing.gateway.proxy.Routes.Route;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ServerHttpObservationFilter;

/** Passes a request on to the service of its path, and the service's answer back; both bodies as they come. */
@Component
public class ProxyServlet extends HttpServlet {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** Until the answer begins. CloudFront waits for 30 s by default. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(25);
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(ProxyServlet.class);

    private final transient Routes routes;
    private final transient ForwardedHeaders headers;
    private final transient HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    ProxyServlet(Routes routes, ForwardedHeaders headers) {
        this.routes = routes;
        this.headers = headers;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<Route> route = routes.find(request.getRequestURI());
        if (route.isEmpty()) {
            JsonAnswer.NOT_FOUND.send(response);
            return;
        }
        ServerHttpObservationFilter.findObservationContext(request).ifPresent(context -> context.setPathPattern(route.get().path()));
        try {
            passOn(request, response, route.get());
        } catch (HttpConnectTimeoutException e) {
            fail(response, JsonAnswer.BAD_GATEWAY, route.get(), e);
        } catch (HttpTimeoutException e) {
            fail(response, JsonAnswer.GATEWAY_TIMEOUT, route.get(), e);
        } catch (IOException e) {
            fail(response, JsonAnswer.BAD_GATEWAY, route.get(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(response, JsonAnswer.BAD_GATEWAY, route.get(), new IOException("interrupted", e));
        }
    }

    private void passOn(HttpServletRequest request, HttpServletResponse response, Route route) throws IOException, InterruptedException {
        HttpRequest.Builder onward;
        try {
            onward = HttpRequest.newBuilder(target(request, route)).timeout(ANSWER_TIMEOUT).method(request.getMethod(), body(request));
            headers.toService(request, onward::header);
        } catch (IllegalArgumentException e) {
            JsonAnswer.BAD_REQUEST.send(response);
            return;
        }
        HttpResponse<InputStream> answer = client.send(onward.build(), BodyHandlers.ofInputStream());
        try (InputStream content = answer.body()) {
            response.setStatus(answer.statusCode());
            answer.headers().map().forEach((name, values) -> {
                if (headers.isForViewer(name, answer.headers().allValues("Connection"))) {
                    values.forEach(value -> response.addHeader(name, value));
                }
            });
            copy(content, response);
        }
    }

    private static URI target(HttpServletRequest request, Route route) {
        String query = request.getQueryString() == null ? "" : "?" + QueryString.legal(request.getQueryString());
        return URI.create("%s://%s%s%s".formatted(route.uri().getScheme(), route.uri().getRawAuthority(), request.getRequestURI(), query));
    }

    private static BodyPublisher body(HttpServletRequest request) throws IOException {
        long length = request.getContentLengthLong();
        if (length <= 0 && request.getHeader("Transfer-Encoding") == null) {
            return BodyPublishers.noBody();
        }
        InputStream content = request.getInputStream();
        BodyPublisher publisher = BodyPublishers.ofInputStream(() -> content);
        return length > 0 ? BodyPublishers.fromPublisher(publisher, length) : publisher;
    }

    /** Each part at once: an answer may be a stream of events. */
    private static void copy(InputStream content, HttpServletResponse response) throws IOException {
        OutputStream out = response.getOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            try {
                out.write(buffer, 0, count);
                out.flush();
            } catch (IOException e) {
                LOG.debug("the viewer has gone", e);
                return;
            }
        }
    }

    /** Once the answer has begun it can only be broken off, so that nobody takes it for whole. */
    private static void fail(HttpServletResponse response, JsonAnswer answer, Route route, IOException reason) throws IOException {
        LOG.warn("{} at {}: {}", answer, route.uri(), reason.toString());
        if (response.isCommitted()) {
            throw reason;
        }
        answer.send(response);
    }
}
