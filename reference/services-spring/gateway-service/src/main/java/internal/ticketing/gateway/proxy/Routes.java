package internal.ticketing.gateway.proxy;

import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Which service a path leads to. Paths are canonical here: {@code VwrEntryTokenFilter} has refused all others. */
@ConfigurationProperties("gateway")
public record Routes(List<Route> routes) {

    /** Never the frontend's, which takes all that nobody else does: the services' unrouted parts, and the gateway's own actuator. */
    private static final List<String> CLOSED = List.of("/api", "/actuator");

    /** A path and what is below it, served by {@code uri}: scheme, host and port of a service. */
    public record Route(String path, URI uri) {

        public Route {
            boolean isService = uri != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null
                    && uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null
                    && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
            if (path == null || !path.startsWith("/") || !isService) {
                throw new IllegalStateException("gateway.routes: %s must lead to http(s)://host:port, not to '%s'".formatted(path, uri));
            }
        }

        private boolean leads(String to) {
            return path.equals("/") || isUnder(to, path);
        }
    }

    public Routes {
        if (routes == null || routes.isEmpty()) {
            throw new IllegalStateException("gateway.routes: there is none");
        }
        routes = routes.stream().sorted(Comparator.comparingInt((Route route) -> route.path().length()).reversed()).toList();
    }

    /** The route of a canonical path, the longest that fits. */
    Optional<Route> find(String path) {
        return routes.stream().filter(route -> route.leads(path)).findFirst()
                .filter(route -> !route.path().equals("/") || CLOSED.stream().noneMatch(closed -> isUnder(path, closed)));
    }

    private static boolean isUnder(String path, String prefix) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }
}
