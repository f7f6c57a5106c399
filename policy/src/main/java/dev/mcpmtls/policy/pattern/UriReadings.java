// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ways in which servers may read a URI: normalised (RFC 3986, section 6.2), as lenient parsers do (WHATWG URL), and with its path
 * resolved like a file's. A deny matches all of them.
 */
final class UriReadings {

    private static final Map<String, String> DEFAULT_PORTS =
            Map.of("http", "80", "https", "443", "ws", "80", "wss", "443", "ftp", "21");

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);
    private static final Pattern LINE_BREAKS = Pattern.compile("[\\t\\r\\n]");
    private static final Pattern ESCAPES = Pattern.compile("(?:%(?!2[Aa])[0-9A-Fa-f]{2})+");
    private static final Pattern PORT = Pattern.compile("(.*):0*([0-9]*)", Pattern.DOTALL);
    private static final int MAX_ROUNDS = 20;

    private final String scheme;
    private final Optional<String> authority;
    private final String path;
    private final String query;
    private final String fragment;

    private UriReadings(String uri) {
        String read = LINE_BREAKS.matcher(uri.trim()).replaceAll("");
        Matcher parts = SCHEME.matcher(read);
        boolean hasScheme = parts.matches();
        scheme = hasScheme ? parts.group(1).toLowerCase(Locale.ROOT) : "";
        String rest = hasScheme ? parts.group(2) : read;
        int hash = orEnd(rest, rest.indexOf('#'));
        int question = Math.min(hash, orEnd(rest, rest.indexOf('?')));
        fragment = rest.substring(hash);
        query = rest.substring(question, hash);
        String hierarchy = rest.substring(0, question).replace('\\', '/');
        if (isWeb() || (isFile() && !hierarchy.startsWith("//"))) {
            hierarchy = (isFile() ? "///" : "//") + hierarchy.replaceFirst("^/+", "");
        }
        if (hasScheme && hierarchy.startsWith("//")) {
            int slash = orEnd(hierarchy, hierarchy.indexOf('/', 2));
            authority = Optional.of(hierarchy.substring(2, slash));
            path = hierarchy.substring(slash);
        } else {
            authority = Optional.empty();
            path = hierarchy;
        }
    }

    private static int orEnd(String text, int index) {
        return index < 0 ? text.length() : index;
    }

    private boolean isFile() {
        return scheme.equals("file");
    }

    private boolean isWeb() {
        return isWeb(scheme);
    }

    /** Whether parsers of URLs take the authority apart and look its host up. */
    static boolean isWeb(String scheme) {
        return DEFAULT_PORTS.containsKey(scheme.toLowerCase(Locale.ROOT));
    }

    /** All readings; the first is the URI as sent. */
    static List<String> of(String sent) {
        UriReadings uri = new UriReadings(sent);
        Set<String> readings = new LinkedHashSet<>();
        readings.add(sent);
        for (String prefix : uri.prefixes()) {
            uri.tails().forEach(tail -> readings.add(prefix + tail));
        }
        return List.copyOf(readings);
    }

    /** The form in which a deny's pattern is compared with readings; empty when it would mean something else. */
    static Optional<String> ofPattern(String pattern) {
        UriReadings uri = new UriReadings(pattern);
        if (uri.scheme.isEmpty()) {
            return Optional.of(decoded(pattern));
        }
        String path = decoded(uri.path);
        if (!path.equals(resolved(path))) {
            return Optional.empty();
        }
        List<String> prefixes = uri.prefixes();
        String query = uri.query.indexOf('*') < 0 ? uri.sortedQuery() : uri.query;
        return Optional.of(prefixes.get(prefixes.size() - 1) + uri.wholePath() + query + uri.fragment);
    }

    /** The texts that may stand before the path; the longest is last. */
    private List<String> prefixes() {
        String start = scheme.isEmpty() ? "" : scheme + ":";
        if (authority.isEmpty()) {
            return List.of(start);
        }
        int at = authority.get().lastIndexOf('@');
        String host = host(authority.get().substring(at + 1));
        List<String> prefixes = new ArrayList<>();
        if (isFile()) {
            prefixes.add(start + "//");
            host = host.equals("localhost") ? "" : host;
        }
        prefixes.add(start + "//" + host);
        if (at >= 0) {
            prefixes.add(start + "//" + authority.get().substring(0, at + 1) + host);
        }
        return prefixes;
    }

    /** The path with what may follow it. A file has neither query nor fragment, but a server that looks for none takes them for its name. */
    private List<String> tails() {
        String whole = wholePath();
        if (!isFile()) {
            return List.of(whole + sortedQuery() + fragment, whole + sortedQuery());
        }
        String name = resolved(decoded(path + query + fragment).replace('\\', '/'));
        return List.of(whole, withoutSlash(whole), name, withoutSlash(name));
    }

    private static String withoutSlash(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private String wholePath() {
        String whole = resolved(decoded(path).replace('\\', '/'));
        return whole.isEmpty() && isWeb() ? "/" : whole;
    }

    private String sortedQuery() {
        if (query.length() < 2) {
            return "";
        }
        String[] parameters = decoded(query.substring(1)).split("&", -1);
        Arrays.sort(parameters);
        return "?" + String.join("&", parameters);
    }

    private String host(String hostAndPort) {
        Matcher parts = PORT.matcher(hostAndPort);
        boolean hasPort = parts.matches()
                && !parts.group(1).endsWith(":")
                && !parts.group(2).endsWith("]");
        String port = hasPort ? parts.group(2) : "";
        String suffix = port.isEmpty() || port.equals(DEFAULT_PORTS.get(scheme)) ? "" : ":" + port;
        String host = decoded(hasPort ? parts.group(1) : hostAndPort);
        return (isWeb() || isFile() ? InternetHost.of(host) : host.toLowerCase(Locale.ROOT)) + suffix;
    }

    /** Without escapes, also those of escapes; an escaped star stays, because a pattern's would be a wildcard. */
    static String decoded(String text) {
        String decoded = text;
        for (int round = 0; round < MAX_ROUNDS && decoded.indexOf('%') >= 0; round++) {
            String next = ESCAPES.matcher(decoded).replaceAll(run -> Matcher.quoteReplacement(octets(run.group())));
            if (next.equals(decoded)) {
                break;
            }
            decoded = next;
        }
        return Normalizer.normalize(decoded, Normalizer.Form.NFC);
    }

    /** Whether there is something that {@link #decoded} gave up on. */
    static boolean isEscaped(String text) {
        return ESCAPES.matcher(text).find();
    }

    private static String octets(String escapes) {
        return new String(HexFormat.of().parseHex(escapes.replace("%", "")), StandardCharsets.UTF_8);
    }

    /** Without dot segments and empty segments; a slash at the end stays. */
    static String resolved(String path) {
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
