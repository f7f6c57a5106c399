// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import dev.mcpmtls.identity.pattern.Glob;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A resource's URI as rules match it: as sent, query and fragment included. Servers differ in what they make of dot segments, backslashes,
 * empty segments and control characters, so a wildcard permits none of them, and a deny is tried on the normal form as well.
 */
public final class ResourceUri {

    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final Pattern LINE_BREAKS = Pattern.compile("[\\t\\r\\n]");
    private static final Pattern LOCAL_FILE = Pattern.compile("^file:(//localhost)?/(?!/)");

    private final String sent;
    private final boolean plain;
    private final String normal;

    private ResourceUri(String sent, boolean plain, String normal) {
        this.sent = sent;
        this.plain = plain;
        this.normal = normal;
    }

    /** A URI that was sent. */
    public static ResourceUri of(String sent) {
        String read = strip(sent);
        int end = endOfPath(read);
        String decoded = decoded(read.substring(0, end), true);
        String slashed = decoded.replace('\\', '/');
        int path = pathStart(slashed);
        boolean plain = hasPlainCharacters(sent) && slashed.equals(decoded) && hasPlainSegments(slashed, path);
        String rest = decoded(read.substring(end), false);
        return new ResourceUri(
                sent,
                plain,
                oneFormOfFiles(lowerCaseAuthority(slashed, path)
                                + (plain ? slashed.substring(path) : normalPath(slashed.substring(path))))
                        + rest);
    }

    /** As parsers of URLs read it: without tabs, line ends, and what surrounds it (WHATWG URL, section 4.4). */
    private static String strip(String sent) {
        return hasPlainCharacters(sent)
                ? sent
                : LINE_BREAKS.matcher(sent.trim()).replaceAll("");
    }

    private static boolean hasPlainCharacters(String sent) {
        return sent.chars().noneMatch(c -> c == '\\' || c < ' ' || c == 0x7f)
                && !sent.startsWith(" ")
                && !sent.endsWith(" ");
    }

    /** A file on this machine may be written with one slash, or with the host {@code localhost} (RFC 8089). */
    private static String oneFormOfFiles(String uri) {
        return LOCAL_FILE.matcher(uri).replaceFirst("file:///");
    }

    /** Without dot segments, backslashes, empty segments and needless escapes. */
    public String normalForm() {
        return normal;
    }

    /** Whether it has no dot segment, backslash or empty segment, not even escaped, and no control character; an empty last segment counts for none. */
    public boolean isPlain() {
        return plain;
    }

    /** Whether a permit's pattern matches it. */
    public boolean isPermittedBy(Glob pattern) {
        return (plain || pattern.isLiteral()) && pattern.matches(sent);
    }

    /** Whether a deny's pattern matches it. */
    public boolean isDeniedBy(Glob pattern) {
        return pattern.matches(sent) || pattern.matches(normal);
    }

    private static int endOfPath(String uri) {
        int query = uri.indexOf('?');
        int fragment = uri.indexOf('#');
        int first = query < 0 || (fragment >= 0 && fragment < query) ? fragment : query;
        return first < 0 ? uri.length() : first;
    }

    /** After the scheme and the authority, as far as they are there. */
    private static int pathStart(String uri) {
        int start = 0;
        while (start < uri.length() && isInScheme(uri.charAt(start))) {
            start++;
        }
        start = start > 0 && start < uri.length() && uri.charAt(start) == ':' ? start + 1 : 0;
        if (!uri.startsWith("//", start)) {
            return start;
        }
        int slash = uri.indexOf('/', start + 2);
        return slash < 0 ? uri.length() : slash;
    }

    private static boolean isInScheme(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '+'
                || c == '-'
                || c == '.';
    }

    private static boolean hasPlainSegments(String uri, int path) {
        int start = path;
        for (int i = path; i <= uri.length(); i++) {
            if (i == uri.length() || uri.charAt(i) == '/') {
                boolean first = start == path;
                boolean last = i == uri.length();
                if (isDots(uri, start, i) || (i == start && !first && !last)) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    private static boolean isDots(String uri, int start, int end) {
        int length = end - start;
        return (length == 1 || length == 2) && uri.charAt(start) == '.' && uri.charAt(end - 1) == '.';
    }

    /** Without escapes of unreserved characters (RFC 3986, section 6.2.2.2), and in a path of slashes and backslashes. */
    private static String decoded(String text, boolean path) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        return ESCAPE.matcher(text).replaceAll(escape -> {
            char c = (char) Integer.parseInt(escape.group(1), 16);
            boolean unreserved = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
            boolean decode = unreserved || (path && (c == '/' || c == '\\'));
            return Matcher.quoteReplacement(
                    decode ? String.valueOf(c) : escape.group().toUpperCase(Locale.ROOT));
        });
    }

    private static String lowerCaseAuthority(String uri, int path) {
        int scheme = Math.min(uri.indexOf(':') + 1, path);
        int host = Math.max(scheme, uri.lastIndexOf('@', path));
        return uri.substring(0, scheme).toLowerCase(Locale.ROOT)
                + uri.substring(scheme, host)
                + uri.substring(host, path).toLowerCase(Locale.ROOT);
    }

    /** Without dot segments and empty segments; a slash at the end stays. */
    private static String normalPath(String path) {
        if (path.isEmpty()) {
            return path;
        }
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = path.split("/", -1);
        for (String segment : segments) {
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.addLast(segment);
            }
        }
        String last = segments[segments.length - 1];
        boolean directory = last.isEmpty() || last.equals(".") || last.equals("..");
        String joined = String.join("/", kept);
        return (path.startsWith("/") ? "/" : "") + joined + (directory && !joined.isEmpty() ? "/" : "");
    }
}
