// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trust files are used only when no other user could have written them. */
class ExposedFilesTest {

    @TempDir
    Path directory;

    private Path anchors;
    private Path denied;
    private Path known;

    @BeforeEach
    void make() throws Exception {
        X509Certificate anchor = ThrowawayCa.root("Root").certificate();
        anchors = Files.writeString(
                directory.resolve("ca.crt"),
                "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(anchor.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        denied = Files.writeString(directory.resolve("denied"), "0a\n");
        known = Files.writeString(directory.resolve("known_peers"), "");
        for (Path file : List.of(anchors, denied, known)) {
            mode(file, "rw-r--r--");
        }
    }

    @Test
    void areReadWhenTheyAreOurs() {
        assertThat(TrustAnchors.load(anchors).certificates()).hasSize(1);
        assertThat(revocation().mode()).isEqualTo(Revocation.Mode.HARD_FAIL);
        assertThat(KnownPeers.in(known)).isNotNull();
    }

    @Test
    void areRefusedWhenOthersCanWriteThem() throws IOException {
        for (Path file : List.of(anchors, denied, known)) {
            mode(file, "rw-rw-rw-");
        }

        refused(anchors, "other users can write it (mode 0666)", () -> TrustAnchors.load(anchors));
        refused(denied, "'chmod go-w " + denied + "'", this::revocation);
        refused(known, "other users can write it", () -> KnownPeers.in(known));
    }

    @Test
    void areRefusedWhenTheyAreAnothers() throws Exception {
        Process chown =
                new ProcessBuilder("chown", "65534", anchors.toString(), denied.toString(), known.toString()).start();
        assumeTrue(chown.waitFor() == 0);

        refused(anchors, "it belongs to the user", () -> TrustAnchors.load(anchors));
        refused(denied, "it belongs to the user", this::revocation);
        refused(known, "it belongs to the user", () -> KnownPeers.in(known));
    }

    @Test
    void theLastGoodOnesStayWhenTheyBecomeOpen() throws IOException {
        Revocation revocation = revocation();
        Files.writeString(denied, "");
        mode(denied, "rw-rw-rw-");

        refused(denied, "other users can write it", revocation::reload);
    }

    private Revocation revocation() {
        return Revocation.load(List.of(), Optional.of(denied), Revocation.Mode.HARD_FAIL);
    }

    private static void refused(Path file, String why, Runnable loading) {
        assertThatThrownBy(loading::run)
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageStartingWith("cannot trust " + file + ": ")
                .hasMessageContaining(why);
    }

    private static void mode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
