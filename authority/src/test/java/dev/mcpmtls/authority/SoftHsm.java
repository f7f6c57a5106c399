// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditSink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A token of SoftHSM2 and a process that uses it: the library reads its configuration from the environment of the process. Each line that
 * the process receives is one act on the authority, each line that it answers the outcome.
 */
final class SoftHsm implements AutoCloseable {

    static final String PIN = "12345678";
    private static final Pattern SLOT = Pattern.compile("reassigned to slot (\\d+)");

    private final Path directory;
    private final Process process;
    private final PrintStream to;
    private final BufferedReader from;
    final long slot;

    /** The library; empty where SoftHSM2 is not installed. */
    static Optional<Path> library() {
        return Stream.of(
                        "/usr/lib/softhsm/libsofthsm2.so",
                        "/usr/lib64/softhsm/libsofthsm2.so",
                        "/usr/local/lib/softhsm/libsofthsm2.so")
                .map(Path::of)
                .filter(Files::exists)
                .findFirst();
    }

    SoftHsm(Path directory) throws Exception {
        this.directory = directory;
        Files.createDirectories(tokens());
        Files.writeString(
                directory.resolve("softhsm2.conf"),
                "directories.tokendir = " + tokens() + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        String told = run("softhsm2-util", "--init-token", "--free", "--label", "t", "--so-pin", PIN, "--pin", PIN);
        Matcher matcher = SLOT.matcher(told);
        if (!matcher.find()) {
            throw new IOException(told);
        }
        slot = Long.parseLong(matcher.group(1));
        process = start();
        to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private SoftHsm(SoftHsm before) throws IOException {
        directory = before.directory;
        slot = before.slot;
        process = start();
        to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Another process with the same token and store. */
    SoftHsm again() throws IOException {
        return new SoftHsm(this);
    }

    private Process start() throws IOException {
        return builder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Acts.class.getName(),
                        directory.resolve("store").toString(),
                        library().orElseThrow().toString(),
                        String.valueOf(slot))
                .start();
    }

    /** Where the token keeps its objects. */
    Path tokens() {
        return directory.resolve("tokens");
    }

    Store store() {
        return Store.at(directory.resolve("store"));
    }

    /** The outcome of an act: {@code done}, or the failure's words. */
    String act(String words) throws IOException {
        to.println(words);
        String line = from.readLine();
        while (line != null && !line.startsWith("> ")) {
            line = from.readLine(); // of a library
        }
        return line == null ? "the process has ended" : line.substring(2);
    }

    String run(String... words) throws Exception {
        Process tool = builder(words).start();
        String told = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!tool.waitFor(20, TimeUnit.SECONDS)) {
            tool.destroyForcibly();
        }
        return told;
    }

    private ProcessBuilder builder(String... words) {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment()
                .put("SOFTHSM2_CONF", directory.resolve("softhsm2.conf").toString());
        return builder;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process: its authority stays open over all acts, as that of a server. */
    static final class Acts {

        private final Store store;
        private final Path library;
        private final long slot;
        private Optional<Authority> authority = Optional.empty();
        private Optional<Path> pinFile = Optional.empty();
        private String label = "authority";
        private KeyType type = KeyType.EC_P256;
        private String pin = PIN;

        private Acts(Store store, Path library, long slot) {
            this.store = store;
            this.library = library;
            this.slot = slot;
        }

        public static void main(String[] words) throws IOException {
            Acts acts = new Acts(Store.at(Path.of(words[0])), Path.of(words[1]), Long.parseLong(words[2]));
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println("> " + acts.outcome(line.split(" ")));
            }
        }

        private String outcome(String[] words) {
            try {
                take(words);
                return "done";
            } catch (AuthorityException e) {
                return e.getClass().getSimpleName() + ": " + e.getMessage();
            }
        }

        private void take(String[] words) {
            switch (words[0]) {
                case "label" -> label = words[1];
                case "type" -> type = KeyType.parse(words[1]);
                case "pin" -> {
                    pin = words[1];
                    authority = Optional.empty();
                }
                case "pin-file" -> {
                    pin = "";
                    pinFile = Optional.of(Path.of(words[1]));
                }
                case "init" -> init(words.length > 1 ? Path.of(words[1]) : library);
                case "issue" -> authority().issue(Grant.agent("demo.local", words[1]), KeyType.EC_P256);
                case "revoke" -> authority().revoke(words[1], RevocationReason.UNSPECIFIED);
                case "renew" -> authority().renew(words[1]);
                case "check" -> authority().openKey();
                case "prepare" -> authority().rollover().prepare(AuthorityProfile.standard("demo.local"));
                case "switch-over" -> authority().rollover().switchOver();
                case "finish" -> authority().rollover().finish();
                default -> throw new IllegalArgumentException(List.of(words).toString());
            }
        }

        private void init(Path from) {
            AuthorityProfile profile = new AuthorityProfile(
                            "demo.local",
                            type,
                            Duration.ofDays(30),
                            AuthorityProfile.Hierarchy.ROOT_ONLY,
                            Optional.empty())
                    .in(new Pkcs11Key(from, slot, label, pinFile));
            Initialisation.run(store, profile, KeyType.EC_P256, List.of(), secret(), surroundings());
        }

        private Authority authority() {
            if (authority.isEmpty()) {
                authority = Optional.of(Authority.open(store, secret(), surroundings()));
            }
            return authority.get();
        }

        private Optional<Passphrase> secret() {
            return pin.isEmpty() ? Optional.empty() : Optional.of(Passphrase.of(pin.toCharArray()));
        }

        private static Surroundings surroundings() {
            return Surroundings.system(AuditSink.none());
        }
    }

    /** Takes the token's objects away, or brings them back; SoftHSM2 looks for new ones when its counter has changed. */
    void move(boolean isAway) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(it -> it.toString().endsWith(isAway ? ".object" : ".away"))
                    .filter(it -> !it.endsWith("token.object"))
                    .toList()) {
                Files.move(
                        file, Path.of(isAway ? file + ".away" : file.toString().replaceFirst("\\.away$", "")));
                Path counter = file.resolveSibling("generation");
                byte[] count = Files.readAllBytes(counter);
                count[count.length - 1]++;
                Files.write(counter, count);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
