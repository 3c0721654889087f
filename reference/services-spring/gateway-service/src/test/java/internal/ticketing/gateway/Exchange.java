package internal.ticketing.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One request, written to a socket letter by letter, as no client would send it; and the answer to it. */
record Exchange(int status, List<String> headers, String body) {

    /** Sends a request line and headers, and what stands after an empty line as the body. */
    static Exchange send(int port, String requestLine, String... lines) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            List<String> all = Arrays.asList(lines);
            int end = all.indexOf("") < 0 ? all.size() : all.indexOf("");
            StringBuilder request = new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n");
            all.subList(0, end).forEach(line -> request.append(line).append("\r\n"));
            request.append("\r\n").append(end < all.size() ? String.join("\r\n", all.subList(end + 1, all.size())) : "");
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return read(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
        }
    }

    private static Exchange read(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        List<String> head = List.of(answer.substring(0, end).split("\r\n"));
        List<String> headers = head.subList(1, head.size());
        String body = answer.substring(end + 4);
        boolean isChunked = headers.stream().anyMatch("Transfer-Encoding: chunked"::equalsIgnoreCase);
        return new Exchange(Integer.parseInt(head.get(0).split(" ")[1]), headers, isChunked ? joined(body) : body);
    }

    private static String joined(String chunks) {
        StringBuilder body = new StringBuilder();
        for (int at = 0; at < chunks.length();) {
            int end = chunks.indexOf("\r\n", at);
            int length = Integer.parseInt(chunks.substring(at, end), 16);
            body.append(chunks, end + 2, end + 2 + length);
            at = end + 2 + length + 2;
        }
        return body.toString();
    }

    Optional<String> header(String name) {
        return headers.stream().filter(line -> line.toLowerCase().startsWith(name.toLowerCase() + ":"))
                .map(line -> line.substring(name.length() + 1).trim()).findFirst();
    }
}
