package internal.ticketing.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** That the gateway takes its part of the contract from the one place where it stands. */
class ContractTest {

    private static final Path CONTRACT = Path.of("../../contracts/cloudfront-header.json");

    static JsonNode contract() throws IOException {
        return JsonMapper.shared().readTree(Files.readString(CONTRACT));
    }

    @Test
    void isWhatIsBuiltIn() throws IOException {
        try (var builtIn = getClass().getResourceAsStream("/cloudfront-header.json")) {
            assertEquals(contract(), JsonMapper.shared().readTree(builtIn));
        }
    }

    @Test
    void namesTheVariableThatTheConfigurationReads() throws IOException {
        String variable = contract().get("secret").get("environment_variable").stringValue();
        assertTrue(Files.readString(Path.of("src/main/resources/application.yaml")).contains("secret: ${" + variable + "}"));
    }

    @Test
    void isTheOnlyPlaceOfTheHeadersName() throws IOException {
        String header = contract().get("header").stringValue().toLowerCase();
        try (var sources = Files.walk(Path.of("src/main"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                assertTrue(!Files.readString(source).toLowerCase().contains(header), source + " names the header");
            }
        }
    }
}
