// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.identity.Credential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A pipe or a directory in the place of a file of the store is named, and never waited for. */
@Timeout(30)
class StrangeFilesTest {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
    }

    @ParameterizedTest
    @CsvSource({
        "authority/journal, a named pipe",
        "authority/journal, a directory",
        "authority/issuers/current/ca.crt, a named pipe",
        "authority/issuers/current/ca.crt, a directory",
        "authority/issuers/current/ca.key, a named pipe",
        "authority/issuers/current/ca.key, a directory",
        "authority/issuers/current/root.crl, a named pipe",
        "crl.pem, a named pipe",
        "crl.pem, a directory",
        "credentials/echo/tls.crt, a named pipe",
        "credentials/echo/tls.key, a directory",
        "credentials/echo/ca.crt, a named pipe",
        ".lock, a named pipe",
    })
    void theFileAndItsKindAreNamed(String name, String kind) throws Exception {
        Path file = replace(name, kind);

        assertThatThrownBy(() -> {
                    Authority authority = fixed.open(store);
                    authority.renew("echo");
                    authority.revoke("weather", RevocationReason.SUPERSEDED);
                })
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining(file.getFileName().toString())
                .hasMessageContaining("it is " + kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls.crt", "tls.key"})
    void aCredentialWithAPipeIsNotWaitedFor(String name) throws Exception {
        assertThat(Credential.load(store.credential("echo")).name()).isEqualTo("echo");
        replace("credentials/echo/" + name, "a named pipe");

        assertThatThrownBy(() -> Credential.load(store.credential("echo")))
                .hasMessageContaining(name + " cannot be read (it is a named pipe, not a regular file)");
    }

    @Test
    void aFileInThePlaceOfTheCredentialsIsNamed() throws IOException {
        Path credentials = store.directory().resolve("credentials");
        Files.move(credentials, directory.resolve("away"));
        assertThat(store.credentialNames()).isEmpty();

        Files.createFile(credentials);

        assertThatThrownBy(store::credentialNames)
                .hasMessageContaining(credentials + " cannot be listed (it exists, and is not a directory)");
    }

    @Test
    void aLinkToARegularFileIsRead() throws IOException {
        Path journal = store.directory().resolve("authority/journal");
        Path elsewhere = Files.move(journal, directory.resolve("journal"));
        Files.createSymbolicLink(journal, elsewhere);

        assertThat(fixed.open(store).issued()).hasSize(4);
    }

    private Path replace(String name, String kind) throws Exception {
        Path file = store.directory().resolve(name);
        Files.deleteIfExists(file);
        if (kind.equals("a directory")) {
            return Files.createDirectory(file);
        }
        Process mkfifo = new ProcessBuilder("mkfifo", file.toString()).start();
        assumeTrue(mkfifo.waitFor(10, TimeUnit.SECONDS) && mkfifo.exitValue() == 0);
        return file;
    }
}
