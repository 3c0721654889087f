package internal.ticketing.gateway.filter;

import internal.ticketing.gateway.JsonAnswer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a request to a protected path pass if CloudFront sent it, which has checked it, or if it brings a queue entry token of its own
 * in the token header. A cookie is not looked at: only the edge may take a token from one.
 *
 * <p>{@code contracts/cloudfront-header.json} names CloudFront's header; {@link ProtectedPaths} the paths.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class VwrEntryTokenFilter extends OncePerRequestFilter {

    private static final String TOKEN_HEADER = "X-Queue-Entry-Token";
    /** What an HTTP header's value can hold, but for the comma that parts two secrets. */
    private static final Pattern SECRET = Pattern.compile("[!-+\\--~]{32,256}");
    private static final Logger LOG = LoggerFactory.getLogger(VwrEntryTokenFilter.class);

    private final String originHeader;
    private final List<byte[]> originSecrets;
    private final EntryTokenVerifier verifier;

    VwrEntryTokenFilter(@Value("${gateway.origin.header}") String originHeader,
                        @Value("${gateway.origin.secret}") String originSecret,
                        EntryTokenVerifier verifier) {
        if (originHeader.isBlank()) {
            throw new IllegalStateException("gateway.origin.header (contracts/cloudfront-header.json) must name a header");
        }
        List<String> secrets = List.of(originSecret.split(",", -1));
        // An empty secret would equal an empty header.
        if (!secrets.stream().allMatch(secret -> SECRET.matcher(secret).matches())) {
            throw new IllegalStateException("gateway.origin.secret (CLOUDFRONT_ORIGIN_SECRET) must be 32 to 256 visible ASCII characters, "
                    + "or two of that kind, parted by a comma");
        }
        this.originHeader = originHeader;
        this.originSecrets = secrets.stream().map(secret -> secret.getBytes(StandardCharsets.UTF_8)).toList();
        this.verifier = verifier;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // As it was sent: neither decoded nor normalised, which would be one reading of several.
        String path = request.getRequestURI();
        if (!ProtectedPaths.isCanonical(path)) {
            JsonAnswer.BAD_REQUEST.send(response);
            return;
        }
        Optional<String> event = ProtectedPaths.protectedEvent(path);
        if (event.isPresent() && !mayEnter(request, event.get())) {
            LOG.info("refused {} {}: neither CloudFront's header nor a queue entry token that is valid for it", request.getMethod(), path);
            JsonAnswer.ENTRY_TOKEN_REQUIRED.send(response);
            return;
        }
        chain.doFilter(request, response);
    }

    private boolean mayEnter(HttpServletRequest request, String event) {
        List<String> fromOrigin = Collections.list(request.getHeaders(originHeader));
        // CloudFront puts its own in the place of a viewer's: two did not come through it.
        if (fromOrigin.size() > 1) {
            return false;
        }
        return fromOrigin.size() == 1 && isOriginSecret(fromOrigin.get(0)) || hasToken(request, event);
    }

    private boolean isOriginSecret(String value) {
        byte[] sent = value.getBytes(StandardCharsets.UTF_8);
        boolean equal = false;
        for (byte[] secret : originSecrets) {
            equal |= MessageDigest.isEqual(secret, sent);
        }
        return equal;
    }

    private boolean hasToken(HttpServletRequest request, String event) {
        List<String> tokens = Collections.list(request.getHeaders(TOKEN_HEADER));
        return tokens.size() == 1 && verifier.event(tokens.get(0)).filter(entered -> event.isEmpty() || entered.equals(event)).isPresent();
    }
}
