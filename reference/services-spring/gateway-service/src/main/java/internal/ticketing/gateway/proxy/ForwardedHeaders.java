package internal.ticketing.gateway.proxy;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Which headers go on to a service, and back from it. */
@Component
class ForwardedHeaders {

    /** RFC 9110, 7.6.1: of this connection, not of the message; and those that the client that calls the service writes itself. */
    private static final Set<String> HOP_BY_HOP = Set.of("connection", "keep-alive", "proxy-connection", "proxy-authenticate",
            "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "content-length", "expect", "host");

    /** What says who asks, or for what, begins like this. A service believes it of the gateway, so no viewer may say it. */
    private static final List<String> TRUSTED = List.of("x-ticketing-", "x-user", "x-auth", "x-principal", "x-subject", "x-role", "x-group", 
            "x-tenant", "x-internal", "x-service", "x-remote", "remote-", "x-client-cert", "x-ssl", "x-amzn-oidc", "x-forwarded-", "forwarded",
            "x-original-", "x-rewrite-", "x-http-method", "x-method-override");

    /** Of those, what the load balancer writes itself, over a viewer's own. */
    private static final Set<String> BY_THE_LOAD_BALANCER = Set.of("x-forwarded-proto", "x-forwarded-port");

    /** As the load balancer has it (drop_invalid_header_fields): {@code X_User_Id} is {@code X-User-Id} to some servers. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]+");

    private static final String FORWARDED_FOR = "X-Forwarded-For";

    private final String originHeader;

    ForwardedHeaders(@Value("${gateway.origin.header}") String originHeader) {
        this.originHeader = originHeader;
    }

    /** Hands on each header of a request that a service may see, with the address that it came from. */
    void toService(HttpServletRequest request, BiConsumer<String, String> add) {
        Set<String> connection = namedBy(Collections.list(request.getHeaders("Connection")));
        Predicate<String> isForwarded = name -> NAME.matcher(name).matches() && !isOf(name, HOP_BY_HOP, connection)
                && !name.equalsIgnoreCase(originHeader) && !isTrusted(name);
        Collections.list(request.getHeaderNames()).stream().filter(isForwarded).distinct()
                .forEach(name -> Collections.list(request.getHeaders(name)).forEach(value -> add.accept(name, value)));
        List<String> addresses = Collections.list(request.getHeaders(FORWARDED_FOR));
        addresses.add(request.getRemoteAddr());
        add.accept(FORWARDED_FOR, String.join(", ", addresses));
    }

    /** Whether a header of a service's answer goes on to the viewer. */
    boolean isForViewer(String name, Collection<String> connectionHeaders) {
        return name.equalsIgnoreCase("content-length") || !isOf(name, HOP_BY_HOP, namedBy(connectionHeaders));
    }

    private static boolean isTrusted(String name) {
        String lowered = name.toLowerCase(Locale.ROOT);
        return TRUSTED.stream().anyMatch(lowered::startsWith) && !BY_THE_LOAD_BALANCER.contains(lowered);
    }

    private static boolean isOf(String name, Set<String> hopByHop, Set<String> connection) {
        String lowered = name.toLowerCase(Locale.ROOT);
        return hopByHop.contains(lowered) || connection.contains(lowered);
    }

    private static Set<String> namedBy(Collection<String> connectionHeaders) {
        return connectionHeaders.stream().flatMap(value -> Arrays.stream(value.split(",")))
                .map(name -> name.trim().toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }
}
