// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustAnchorsTest {

    private final ThrowawayCa first = ThrowawayCa.root("First CA");
    private final ThrowawayCa second = ThrowawayCa.root("Second CA");

    @TempDir
    private Path directory;

    @Test
    void loadsSeveralAnchorsFromOneFileAndSeveralFiles() throws Exception {
        Path both = Files.writeString(directory.resolve("both.crt"), "# notes\n" + pem(first) + pem(second));
        Path der =
                Files.write(directory.resolve("first.der"), first.certificate().getEncoded());
        assertThat(TrustAnchors.load(both, der).certificates())
                .containsExactly(first.certificate(), second.certificate(), first.certificate());
    }

    @Test
    void refusesFilesThatHoldNone() throws IOException {
        Path file = directory.resolve("ca.crt");
        assertUnusable(file);
        Files.writeString(file, "nothing here");
        assertUnusable(file);
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
        assertUnusable(file);
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n");
        assertUnusable(file);
    }

    private static void assertUnusable(Path file) {
        assertThatThrownBy(() -> TrustAnchors.load(file))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining(file.toString());
    }

    private static String pem(ThrowawayCa ca) throws CertificateEncodingException {
        return Issued.pem("CERTIFICATE", ca.certificate().getEncoded());
    }
}
