import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Listens as a gateway does, and tries what its query asks for: who is asked for nothing good is as good as a hostile gateway. */
public final class Prisoner {

    private interface Deed {
        String done() throws Exception;
    }

    public static void main(String[] arguments) throws IOException {
        String mode = System.getenv().getOrDefault("MODE", "");
        if (mode.equals("exit")) {
            System.err.println("no such setting: PRISON_KEY");
            System.exit(3);
        }
        if (mode.equals("trace")) {
            new IllegalStateException("no context", new IllegalArgumentException("no value: PRISON_KEY")).printStackTrace();
            System.exit(1);
        }
        if (mode.equals("deaf")) {
            sleep();
        }
        if (mode.equals("flood")) {
            byte[] noise = new byte[1 << 20];
            for (int count = 0; count < 600; count++) {
                System.out.write(noise, 0, noise.length);
            }
        }
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8080), 0);
        server.createContext("/", exchange -> {
            String[] asked = exchange.getRequestURI().getQuery() == null ? new String[] {"nothing"} : exchange.getRequestURI().getQuery().split("=", 2);
            byte[] answer = attempt(() -> deed(asked[0], asked.length > 1 ? asked[1] : "")).getBytes();
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    private static String attempt(Deed deed) {
        try {
            return deed.done();
        } catch (Throwable e) {
            return "refused: " + e;
        }
    }

    private static String deed(String what, String argument) throws Exception {
        switch (what) {
            case "read":
                return Files.isDirectory(Path.of(argument)) ? list(Path.of(argument)) : Files.readString(Path.of(argument));
            case "write":
                return "written " + Files.writeString(Path.of(argument), "x");
            case "connect":
                String[] parts = argument.split(":");
                new Socket(parts[0], Integer.parseInt(parts[1])).close();
                return "connected";
            case "processes":
                if (argument.equals("own")) {
                    return Long.toString(ProcessHandle.current().pid());
                }
                return ProcessHandle.allProcesses().map(one -> Long.toString(one.pid())).collect(Collectors.joining(" "));
            case "environment":
                return System.getenv().toString();
            case "run":
                return new String(new ProcessBuilder(argument.split(" ")).redirectErrorStream(true).start().getInputStream().readAllBytes());
            case "leave":
                new ProcessBuilder("/bin/sh", "-c", "sleep 1000 & sleep 1000").start();
                return "left";
            case "memory":
                return Integer.toString(Stream.generate(() -> new byte[1 << 24]).limit(1000).collect(Collectors.toList()).size());
            case "die":
                Runtime.getRuntime().halt(5);
                return "";
            case "hang":
                sleep();
                return "";
            default:
                return "nothing";
        }
    }

    private static String list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(Path::toString).sorted().collect(Collectors.joining(" "));
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(1_000_000);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
