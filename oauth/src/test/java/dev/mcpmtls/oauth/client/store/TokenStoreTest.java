// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStoreTest {

    private static final URI SERVER = URI.create("https://mcp.example/mcp");
    private static final Instant NOW = Instant.parse("2026-07-28T12:00:00Z");

    private static final ThrowawayCa CA = ThrowawayCa.root("CA");
    private static final X509Certificate OURS = CA.client("agent").chain().get(0);

    @TempDir
    Path directory;

    private final Kept kept = Kept.NOTHING
            .with(
                    "https://as.example",
                    new Registration("c", Optional.of("s"), "client_secret_post", "http://127.0.0.1:1/"))
            .with(new Token(
                    "t",
                    "https://as.example",
                    SERVER.toString(),
                    Set.of("a", "b"),
                    NOW,
                    Optional.of(NOW.plusSeconds(60)),
                    Optional.of("r"),
                    Optional.of("ab12"),
                    Optional.of("{\"kty\":\"EC\"}")));

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void readsWhatItWroteForItsOwnerAlone() throws IOException {
        TokenStore.in(directory, SERVER, "", OURS).save(kept);

        Token token = TokenStore.in(directory, SERVER, "", OURS).load().token().orElseThrow();
        assertThat(token).usingRecursiveComparison().isEqualTo(kept.token().orElseThrow());
        assertThat(TokenStore.in(directory, SERVER, "", OURS)
                        .load()
                        .registrations()
                        .get("https://as.example"))
                .usingRecursiveComparison()
                .isEqualTo(kept.registrations().get("https://as.example"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void hasNothingForAnotherServerOrClientOrCredential() {
        TokenStore.in(directory, SERVER, "", OURS).save(kept);

        assertThat(TokenStore.in(directory, SERVER, "other", OURS).load()).isEqualTo(Kept.NOTHING);
        assertThat(TokenStore.in(directory, URI.create("https://mcp.example/other"), "", OURS)
                        .load())
                .isEqualTo(Kept.NOTHING);
        assertThat(TokenStore.in(
                                directory,
                                SERVER,
                                "",
                                CA.client("other").chain().get(0))
                        .load())
                .isEqualTo(Kept.NOTHING);
        assertThat(TokenStore.in(
                                directory,
                                SERVER,
                                "",
                                CA.client("agent").chain().get(0))
                        .load()
                        .token())
                .isPresent();
    }

    @Test
    void readsNoFileThatOthersCouldHaveWritten() throws IOException {
        TokenStore.in(directory, SERVER, "", OURS).save(kept);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThat(TokenStore.in(directory, SERVER, "", OURS).load()).isEqualTo(Kept.NOTHING);
    }

    @Test
    void leavesOutAFileOfAnotherForm() throws IOException {
        TokenStore.in(directory, SERVER, "", OURS).save(kept);
        for (String text :
                List.of("", "{", "[]", "{\"token\":{\"value\":1}}", "{\"clients\":{\"x\":3}}", "{\"token\":{}}")) {
            TokenStore.in(directory, SERVER, "", OURS).save(kept);
            Files.writeString(file(), text);
            assertThat(TokenStore.in(directory, SERVER, "", OURS).load())
                    .as(text)
                    .isEqualTo(Kept.NOTHING);
        }
    }

    @Test
    void doesNotGoBackToAFileThatItCouldNotWrite() throws IOException {
        TokenStore store = TokenStore.in(directory, SERVER, "", OURS);
        store.save(kept);
        Path obstacle = Files.createDirectory(directory.resolve("." + file().getFileName() + ".new"));

        store.save(kept.withoutToken());

        assertThat(store.load().token()).isEmpty();
        assertThat(TokenStore.in(directory, SERVER, "", OURS).load().token()).isPresent();

        Files.delete(obstacle);
        store.save(kept.withoutToken());
        TokenStore.in(directory, SERVER, "", OURS).save(kept);

        assertThat(store.load().token()).isPresent();
    }

    @Test
    void letsOneStepRunAtATime() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Void>> steps = Stream.generate(() -> TokenStore.in(directory, SERVER, "", OURS))
                .limit(4)
                .map(store -> CompletableFuture.runAsync(() -> store.alone(() -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    return inside.decrementAndGet();
                })))
                .toList();

        steps.forEach(CompletableFuture::join);

        assertThat(most).hasValue(1);
    }

    @Test
    void printsNoSecret() {
        assertThat(kept.toString())
                .doesNotContain("client_secret", "=t,", "\"r\"")
                .contains("https://as.example");
    }
}
