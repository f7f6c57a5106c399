// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A server of the operator's own, which this program puts mutual TLS in front of.
 *
 * @param name under which calls to it are decided and recorded
 * @param listen where clients reach it
 * @param path where it is there, for example {@code /mcp}
 * @param credential the name of the credential that it presents to clients
 * @param origin where it is configured, for messages
 */
public record ServerEntry(
        String name, ListenAddress listen, String path, String credential, Source source, Terms terms, String origin) {

    /** Where an entry without {@code listen} listens. */
    public static final String LISTEN = "127.0.0.1:8446";

    /** Where an entry without {@code path} is. */
    public static final String PATH = "/mcp";

    /**
     * How an entry is served.
     *
     * @param timeout how long a call may take without a sign of progress
     * @param idle after so long without use the server's side of a session, or its process, is stopped until it is needed again
     * @param isPinned whether the tools are pinned when they are used first; those that are pinned are held against their pins in any case
     */
    public record Terms(Duration timeout, Duration idle, boolean isPinned) {

        /** The terms of an entry that names none. */
        public static final Terms STANDARD = new Terms(Duration.ofMinutes(10), Duration.ofMinutes(30), false);
    }

    /** The same entry, whose tools are pinned when they are used first; those of a combination are pinned as their own entries say. */
    public ServerEntry pinned() {
        Terms pinned = new Terms(terms.timeout, terms.idle, true);
        return new ServerEntry(name, listen, path, credential, source, pinned, origin);
    }

    private static final String FORM = "; write a URL such as http://127.0.0.1:9000/mcp";

    /**
     * Requires that entries with the same {@code listen} have the same credential and paths of their own.
     *
     * @throws BadSettingException when they do not; names both
     */
    public static void requireApart(List<ServerEntry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            ServerEntry entry = entries.get(i);
            entries.subList(0, i).stream()
                    .filter(other -> other.listen.equals(entry.listen) && entry.listen.port() != 0)
                    .forEach(entry::requireApart);
        }
    }

    private void requireApart(ServerEntry other) {
        String sharing = origin + ": servers." + name + " cannot share " + listen + " with servers." + other.name + " ("
                + other.origin + "): ";
        if (path.equals(other.path)) {
            throw new BadSettingException(
                    sharing + "both have the path " + path + "; give one another path, or listen");
        }
        if (!credential.equals(other.credential)) {
            throw new BadSettingException(sharing + "an address has one credential, and these are " + credential
                    + " and " + other.credential + "; give both the same credential, or one another listen");
        }
    }

    /**
     * A word of {@link Command#MODES}.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static String mode(String text) {
        if (!Command.MODES.contains(text)) {
            throw new IllegalArgumentException(
                    Printable.quote(text) + " is none of " + String.join(", ", Command.MODES));
        }
        return text;
    }

    /**
     * A number of processes.
     *
     * @throws IllegalArgumentException when it is none from 1 to 10 000
     */
    public static int processes(String text) {
        int most = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (most < 1 || most > 10_000) {
            throw new IllegalArgumentException(Printable.quote(text) + " is not a whole number from 1 to 10000");
        }
        return most;
    }

    /**
     * The URL of a server behind us.
     *
     * @throws IllegalArgumentException when it is no URL of HTTP with a host
     */
    public static URI upstream(String text) {
        URI url = url(text);
        boolean isHttp = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        if (!isHttp || url.getHost() == null || url.getUserInfo() != null || url.getFragment() != null) {
            throw new IllegalArgumentException(shown(text)
                    + (isHttp
                            ? " has no host, or has a user or a fragment"
                            : " does not begin with http:// or https://")
                    + FORM);
        }
        return url;
    }

    /** Without the user and password. */
    private static String shown(String text) {
        return Printable.quote(text.replaceFirst("//[^/]*@", "//...@"));
    }

    private static URI url(String text) {
        if (!text.contains("://")) {
            throw new IllegalArgumentException(shown(text) + " does not begin with http:// or https://" + FORM);
        }
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(shown(text) + " is not a URL" + FORM, e);
        }
    }

    /** Where the entry's answers come from. */
    public sealed interface Source {}

    /**
     * A process of ours.
     *
     * @param process {@code per-session}, {@code per-identity} or {@code shared}
     */
    public record Command(
            List<String> words,
            String process,
            int maxProcesses,
            Map<String, String> env,
            Set<String> passEnv,
            Optional<Path> cwd)
            implements Source {

        /** The processes that an entry without {@code max-processes} may have. */
        public static final int MAX_PROCESSES = 32;

        /** The words of {@code process}, the default first. */
        public static final List<String> MODES = List.of("per-session", "per-identity", "shared");

        /** The program alone: arguments and variables may be secrets. */
        @Override
        public String toString() {
            return "command " + words.get(0);
        }
    }

    /**
     * A server that speaks HTTP.
     *
     * @param headers that every request to it carries
     * @param clientCredential the name of the credential that we present to it; then its certificate is verified by our own trust
     *     anchors, else by the system's
     * @param tokens the client that gets our access tokens for it; when empty, it is sent none
     * @param isPlainAllowed whether HTTP without TLS may go beyond this machine
     */
    public record Url(
            URI url,
            Map<String, HeaderText> headers,
            Optional<String> clientCredential,
            Optional<TokenClient> tokens,
            boolean isPlainAllowed)
            implements Source {}

    /**
     * Other entries, which appear as one server.
     *
     * @param members their names, in the order of their items
     */
    public record Combined(List<String> members) implements Source {}

    /** A header's value: written down, in a file's first line, or in a variable. It may be a secret, so it is never printed. */
    public static final class HeaderText {

        private final Kind kind;
        private final String text;

        /** Where the value is. */
        public enum Kind {
            VALUE,
            FILE,
            ENV
        }

        /** @param text the value, the file's path or the variable's name */
        public HeaderText(Kind kind, String text) {
            this.kind = kind;
            this.text = text;
        }

        /** Where the value is. */
        public Kind kind() {
            return kind;
        }

        /** The value, the file's path or the variable's name. */
        public String text() {
            return text;
        }

        @Override
        public String toString() {
            return "header from " + kind;
        }
    }
}
