package internal.ticketing.gateway;

import internal.ticketing.gateway.filter.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole gateway on a port of its own, with services behind it. */
final class RunningGateway implements AutoCloseable {

    static final String ORIGIN_SECRET = "f00dcafe".repeat(8);
    static final String OLD_ORIGIN_SECRET = "0ddba11!".repeat(4);
    static final String[] SECRETS = {
        "--CLOUDFRONT_ORIGIN_SECRET=" + ORIGIN_SECRET + "," + OLD_ORIGIN_SECRET, "--QUEUE_ENTRY_TOKEN_SECRET=" + Tokens.SECRET,
    };

    final Backend services = new Backend("service");
    final Backend frontend = new Backend("frontend");
    final Backend fragile = new Backend("fragile");
    private final ConfigurableApplicationContext context;
    private final int port;

    RunningGateway(String... settings) {
        List<String> arguments = new ArrayList<>(List.of(settings));
        arguments.addAll(List.of("--logging.level.root=off", "--server.port=0", "--server.address=127.0.0.1"));
        arguments.addAll(List.of("--FRONTEND_SERVICE_URL=" + frontend.url(), "--STATS_SERVICE_URL=" + fragile.url()));
        Stream.of("TICKET", "PAYMENT", "AUTH", "QUEUE", "CATALOG").forEach(name -> arguments.add("--" + name + "_SERVICE_URL=" + services.url()));
        // Nobody listens there.
        arguments.add("--COMMUNITY_SERVICE_URL=http://127.0.0.1:1");
        try {
            context = SpringApplication.run(GatewayApplication.class, arguments.toArray(String[]::new));
        } catch (RuntimeException e) {
            closeServices();
            throw e;
        }
        port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /** CloudFront's header, as it sends it. */
    static String byCloudFront() {
        return header(ORIGIN_SECRET);
    }

    /** CloudFront's header with another value. */
    static String header(String value) {
        return headerName() + ": " + value;
    }

    static String headerName() {
        try {
            return ContractTest.contract().get("header").stringValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Exchange send(String requestLine, String... lines) throws IOException {
        return Exchange.send(port, requestLine, lines);
    }

    /** How many requests have reached a service. */
    int passedOn() {
        return services.requests() + frontend.requests() + fragile.requests();
    }

    @Override
    public void close() {
        context.close();
        closeServices();
    }

    private void closeServices() {
        services.close();
        frontend.close();
        fragile.close();
    }
}
