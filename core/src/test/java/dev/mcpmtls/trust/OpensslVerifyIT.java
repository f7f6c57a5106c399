// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.anchors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verdicts of {@code openssl verify -x509_strict} on chains that we accept, and on their twins. */
class OpensslVerifyIT {

    private final ThrowawayCa ca = ThrowawayCa.root("root-ca");

    @TempDir
    private Path directory;

    @BeforeEach
    void needOpenssl() {
        assumeTrue(isInstalled(), "openssl is not installed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"planner", "sub-ca"
            }) // with a dot in a leaf's common name, openssl applies DNS constraints to it too
    void agreesThatACommonNameBesideASpiffeIdIsNoHostName(String commonName) throws Exception {
        NameConstraints limits = new NameConstraints(
                new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "example.com"))}, null);
        ThrowawayCa team = ca.intermediate("mid-ca", spec -> spec.extension("2.5.29.30", true, limits));
        assertBoth(team.client("a", spec -> spec.subject("CN=" + commonName)), true);
        assertBoth(team.intermediate(commonName).client("a"), true);
        assertBoth(team.client("a", spec -> spec.dns("a.example.com")), true);
        assertBoth(team.client("a", spec -> spec.dns("a.example.org")), false);
    }

    @Test
    void isAsStrictAboutFaultsOfForm() throws Exception {
        ThrowawayCa plain = ca.intermediate("mid-ca", spec -> spec.basicConstraints(false, new BasicConstraints(true)));
        assertBoth(plain.client("a"), false);
        assertBoth(ca.client("a", spec -> spec.without("2.5.29.35")), false);
        assertBoth(ca.client("a"), true);
    }

    private void assertBoth(Issued client, boolean accepted) throws Exception {
        ChainVerifier ours = new ChainVerifier(TrustPolicy.strict(anchors(ca)), InstantSource.system());
        assertThat(ours.verifyClient(Verifying.chain(client)) instanceof Verdict.Accepted)
                .as("ours")
                .isEqualTo(accepted);
        assertThat(isVerified(client)).as("openssl").isEqualTo(accepted);
    }

    private boolean isVerified(Issued client) throws Exception {
        client.writeTo(directory, ca.certificate());
        String chain = directory.resolve("tls.crt").toString();
        List<String> command = new ArrayList<>(List.of("openssl", "verify", "-x509_strict", "-purpose", "sslclient"));
        command.addAll(List.of("-CAfile", directory.resolve("ca.crt").toString(), "-untrusted", chain, chain));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        Files.createTempFile(directory, "openssl", ".txt").toFile())
                .start();
        return process.waitFor() == 0;
    }

    private static boolean isInstalled() {
        try {
            return new ProcessBuilder("openssl", "version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
