package internal.ticketing.gateway.proxy;

import java.nio.charset.StandardCharsets;

/** A query that RFC 3986 takes, made of one that a browser sends. */
final class QueryString {

    private static final String ALLOWED = "-._~!$&'()*+,;=:@/?";

    private QueryString() {
    }

    /** The same query, each character escaped that may not stand in one; a percent sign that escapes nothing is such a character. */
    static String legal(String query) {
        StringBuilder legal = new StringBuilder(query.length());
        for (int at = 0; at < query.length(); at++) {
            char character = query.charAt(at);
            boolean isEscape = character == '%' && isHex(query, at + 1) && isHex(query, at + 2);
            if (isEscape || isAlphanumeric(character) || ALLOWED.indexOf(character) >= 0) {
                legal.append(character);
            } else {
                for (byte octet : String.valueOf(character).getBytes(StandardCharsets.ISO_8859_1)) {
                    legal.append("%%%02X".formatted(octet));
                }
            }
        }
        return legal.toString();
    }

    private static boolean isHex(String query, int at) {
        return at < query.length() && query.charAt(at) < 128 && Character.digit(query.charAt(at), 16) >= 0;
    }

    private static boolean isAlphanumeric(char character) {
        return character < 128 && Character.isLetterOrDigit(character);
    }
}
