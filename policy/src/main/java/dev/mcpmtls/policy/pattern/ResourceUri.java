// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import dev.mcpmtls.identity.pattern.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A resource's URI as rules match it: as sent, query and fragment included. Servers read dot segments, backslashes, empty segments, control
 * characters and odd hosts differently. A wildcard therefore permits none of them, and a deny matches every reading of the URI.
 */
public final class ResourceUri {

    private static final Pattern AUTHORITY = Pattern.compile("[A-Za-z0-9._~!$&'()*+,;=:\\[\\]-]+");
    private static final Pattern ESCAPED_SLASH = Pattern.compile("%(25)*2[Ff]");
    private static final Pattern LITERAL_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

    private final String sent;
    private final boolean plain;
    private @Nullable List<String> readings;

    private ResourceUri(String sent, boolean plain, @Nullable List<String> readings) {
        this.sent = sent;
        this.plain = plain;
        this.readings = readings;
    }

    /** A URI that was sent. */
    public static ResourceUri of(String sent) {
        return isSimple(sent) ? new ResourceUri(sent, true, List.of(sent)) : new ResourceUri(sent, isPlain(sent), null);
    }

    /**
     * A pattern of a permit.
     *
     * @throws IllegalArgumentException when it has a wildcard and a part that no wildcard permits; the message says why and, on a line of its
     *     own, what to write
     */
    public static Glob permitPattern(String text) {
        Glob pattern = Glob.ofSegments(text, '/');
        boolean neverMatches = LITERAL_SCHEME.matcher(text).matches() && !isPlain(text.replace('*', 'a'));
        if (!pattern.isLiteral() && neverMatches) {
            throw new IllegalArgumentException(
                    "a wildcard permits no URI with a dot segment, an empty segment, a backslash or a control"
                            + " character, nor user information in a web address\n"
                            + "remove that part");
        }
        return pattern;
    }

    /** The patterns that stand for one of a deny: as it is written, and in the form of readings. */
    public static List<Glob> denyPatterns(String text) {
        List<Glob> patterns = new ArrayList<>(List.of(Glob.ofSegments(text, '/')));
        UriReadings.ofPattern(text)
                .filter(read -> !read.equals(text))
                .ifPresent(read -> patterns.add(Glob.ofSegments(read, '/')));
        return patterns;
    }

    /** Whether a deny's pattern is compared with other readings than its own spelling: not when it has a dot segment or an empty one. */
    public static boolean isForEveryReading(String pattern) {
        return UriReadings.ofPattern(pattern).isPresent();
    }

    /** The texts that servers may read it as; the first is the URI as sent. */
    public List<String> readings() {
        if (readings == null) {
            readings = UriReadings.of(sent);
        }
        return readings;
    }

    /**
     * Whether it has no dot segment, backslash or empty segment, not even escaped, and no control character. The authority of a web address
     * must be a host and port alone. An empty last segment is allowed.
     */
    public boolean isPlain() {
        return plain;
    }

    /** Whether a permit's pattern matches it. A slash that is escaped ends a segment, too. */
    public boolean isPermittedBy(Glob pattern) {
        if (!pattern.matches(sent)) {
            return false;
        }
        return pattern.isLiteral() || (plain && (sent.indexOf('%') < 0 || pattern.matches(withSlashes())));
    }

    private String withSlashes() {
        int end = endOfPath(sent);
        return ESCAPED_SLASH.matcher(sent.substring(0, end)).replaceAll("/") + sent.substring(end);
    }

    /** Whether a deny's pattern matches it. */
    public boolean isDeniedBy(Glob pattern) {
        return readings().stream().anyMatch(pattern::matches);
    }

    /** Whether it is an ordinary URI with one reading; most are, and this is quicker to find out. */
    private static boolean isSimple(String uri) {
        int host = uri.indexOf("://") + 3;
        int path = uri.indexOf('/', host);
        if (host < 4 || path < 0 || uri.startsWith("file:") != (path == host)) {
            return false;
        }
        int label = Math.max(host, uri.lastIndexOf('.', path) + 1);
        if (path > host && !isSmall(uri.charAt(label))) {
            return false; // an address, or a dot at the end
        }
        for (int i = 0; i < path; i++) {
            char c = uri.charAt(i);
            if (!isSmall(c) && (i < host - 3 || i >= host) && (c < '0' || c > '9') && c != '-' && c != '.') {
                return false;
            }
        }
        for (int i = path; i < uri.length(); i++) {
            char c = uri.charAt(i);
            boolean begins = uri.charAt(i - 1) == '/' && i > path;
            if (begins ? !isInName(c) : c != '/' && c != '.' && !isInName(c)) {
                return false;
            }
        }
        return !uri.endsWith("/");
    }

    private static boolean isSmall(char c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isInName(char c) {
        return isSmall(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }

    static boolean isPlain(String uri) {
        if (uri.startsWith(" ") || uri.endsWith(" ") || uri.indexOf('\\') >= 0 || hasControls(uri)) {
            return false;
        }
        int path = pathStart(uri);
        int end = endOfPath(uri);
        String scheme = uri.substring(0, Math.max(0, uri.indexOf(':')));
        if (UriReadings.isWeb(scheme) && !isHost(uri, scheme.length(), path)) {
            return false;
        }
        String read = UriReadings.decoded(uri.substring(Math.min(path, end), end));
        return read.indexOf('\\') < 0
                && !hasControls(read)
                && !UriReadings.isEscaped(read)
                && hasPlainSegments(read)
                && !(scheme.equalsIgnoreCase("file") && hasDots(UriReadings.decoded(uri.substring(end))));
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(c -> c < ' ' || c == 0x7f);
    }

    /** A host and port between {@code //} and a path: without a path, a query would belong to what a wildcard in the host matches. */
    private static boolean isHost(String uri, int scheme, int path) {
        return uri.startsWith("//", scheme + 1)
                && path <= endOfPath(uri)
                && AUTHORITY.matcher(uri.substring(scheme + 3, path)).matches()
                && (path == uri.length() || uri.charAt(path) == '/');
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

    private static boolean hasPlainSegments(String path) {
        int start = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                boolean first = start == 0;
                boolean last = i == path.length();
                if (isDots(path, start, i) || (i == start && !first && !last)) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    private static boolean hasDots(String text) {
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '/' || text.charAt(i) == '\\') {
                if (isDots(text, start, i)) {
                    return true;
                }
                start = i + 1;
            }
        }
        return false;
    }

    /** One or two dots; servers that know path parameters drop what follows a semicolon. */
    private static boolean isDots(String uri, int start, int end) {
        int semicolon = uri.indexOf(';', start);
        int stop = semicolon < 0 ? end : Math.min(semicolon, end);
        int length = stop - start;
        return (length == 1 || length == 2) && uri.charAt(start) == '.' && uri.charAt(stop - 1) == '.';
    }
}
