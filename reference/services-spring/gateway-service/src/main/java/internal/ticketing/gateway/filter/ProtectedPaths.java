package internal.ticketing.gateway.filter;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The paths that need a queue entry token: the same, and read in the same way, as those of {@code lambda/edge-queue-check}.
 *
 * <p>CloudFront, the load balancer, Tomcat and a service behind it each have a normal form of a path of their own. No path of this
 * platform needs more than the characters that all of them leave alone, so any other path is refused before two can disagree on it.
 */
final class ProtectedPaths {

    /** In any case, for a service may not care for it. The segment after one of them is the event that is asked for. */
    static final List<String> PROTECTED_PATHS = List.of("/api/tickets", "/api/reservations", "/api/payments", "/booking");

    /** Asked first, in exactly this spelling. The payment provider signs its notifications, which the payment service verifies. */
    static final List<String> BYPASS_PATHS = List.of("/api/payments/webhooks", "/api/queue", "/api/auth", "/queue");

    private static final int MAX_LENGTH = 2048;
    private static final Pattern CHARACTERS = Pattern.compile("/[A-Za-z0-9._~/-]*");

    private ProtectedPaths() {
    }

    /** Whether everybody on the way reads the path alike: no escapes, parameters, empty segments or segments that end in a dot. */
    static boolean isCanonical(String rawPath) {
        return rawPath.length() <= MAX_LENGTH && CHARACTERS.matcher(rawPath).matches()
                && !rawPath.contains("//") && !rawPath.contains("./") && !rawPath.endsWith(".");
    }

    /** The event that a canonical path asks for, "" where it asks for none in particular; nothing where the path is not protected. */
    static Optional<String> protectedEvent(String path) {
        if (BYPASS_PATHS.stream().anyMatch(bypass -> isUnder(path, bypass))) {
            return Optional.empty();
        }
        String lowered = path.toLowerCase(Locale.ROOT);
        return PROTECTED_PATHS.stream().filter(prefix -> isUnder(lowered, prefix)).findFirst()
                .map(prefix -> firstSegment(path.substring(prefix.length())));
    }

    private static boolean isUnder(String path, String prefix) {
        return path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
    }

    private static String firstSegment(String rest) {
        return rest.isEmpty() ? "" : rest.substring(1).split("/", 2)[0];
    }
}
