package ferry;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A pass, as strict as the JDK alone allows: of a header and of claims that stand in the one form that the issuer writes. */
final class Pass {

    private static final Pattern HEAD = Pattern.compile("\\{\\s*\"(?:alg\"\\s*:\\s*\"HS256\"(?:\\s*,\\s*\"typ\"\\s*:\\s*\"JWT\")?|typ\"\\s*:\\s*\"JWT\"\\s*,\\s*\"alg\"\\s*:\\s*\"HS256\")\\s*\\}");
    private static final String TEXT = "\"(?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*\"";
    private static final Pattern CLAIM = Pattern.compile("\\G\\s*(" + TEXT + ")\\s*:\\s*(" + TEXT + "|-?[0-9]+|true|false|null|\\[[^\\[\\]{}]*\\])\\s*(,|\\}\\s*\\z)");

    private final byte[] key;

    Pass(String key) {
        this.key = key.getBytes(StandardCharsets.UTF_8);
    }

    boolean holds(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            if (parts.length != 3 || !MessageDigest.isEqual(sign(parts[0] + "." + parts[1]), bytes(parts[2])) || !HEAD.matcher(text(parts[0])).matches()) {
                return false;
            }
            return holdNow(text(parts[1]).strip());
        } catch (IllegalArgumentException | CharacterCodingException | GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean holdNow(String claims) {
        if (!claims.startsWith("{")) {
            return false;
        }
        java.util.Map<String, String> found = new java.util.HashMap<>();
        Matcher matcher = CLAIM.matcher(claims);
        matcher.region(1, claims.length());
        String end = ",";
        while (end.equals(",") && matcher.find()) {
            if (found.put(plain(matcher.group(1)), matcher.group(2)) != null) {
                return false;
            }
            end = matcher.group(3);
        }
        String expiry = found.getOrDefault("\"exp\"", "");
        String subject = found.getOrDefault("\"sub\"", "");
        return !end.equals(",") && subject.startsWith("\"") && !subject.equals("\"\"")
                && expiry.matches("[1-9][0-9]{0,14}") && Long.parseLong(expiry) * 1000 > System.currentTimeMillis();
    }

    /** A name with its escapes undone: two spellings are one name. */
    private static String plain(String name) {
        return Pattern.compile("\\\\u([0-9a-fA-F]{4})").matcher(name).replaceAll(found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
    }

    private byte[] sign(String input) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(input.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String segment) {
        byte[] bytes = Base64.getUrlDecoder().decode(segment);
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(segment)) {
            throw new IllegalArgumentException("not canonical");
        }
        return bytes;
    }

    private static String text(String segment) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(segment))).toString();
    }
}
