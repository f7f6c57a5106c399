// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemediesTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @Test
    void anExpiredCertificateIsExplainedWithItsEndAndTheCommandThatRenewsIt() {
        Issued late = ca.client("coordinator", spec -> spec.valid(NOW.minusSeconds(90), NOW.minusSeconds(30)));
        Rejection rejection = refusedBy(strict(ca), late).rejection();
        assertThat(rejection.explain())
                .isEqualTo("the certificate of spiffe://demo.local/agent/coordinator expired on 2026-11-22T11:59:30Z"
                        + " (now 2026-11-22T12:00:00Z)");
        assertThat(rejection.remedy()).isEqualTo("run 'mcp-mtls cert renew coordinator'");
        assertThat(new Rejection.NotYetValid("x", NOW, NOW.minusMillis(1)).explain())
                .isEqualTo("the certificate of x is not valid before 2026-11-22T12:00:00Z (now 2026-11-22T11:59:59Z)");
    }

    @Test
    void whatARenewalWouldKeepIsNotMendedByOne() {
        String who = "spiffe://demo.local/agent/coordinator";
        assertThat(new Rejection.Revoked(who, BigInteger.ONE, "a list", Optional.empty()).remedy())
                .startsWith("give it a new key ('mcp-mtls cert rekey coordinator')");
        assertThat(new Rejection.WeakKey(who, "RSA 1024").remedy()).contains("'mcp-mtls cert rekey coordinator'");
        assertThat(new Rejection.WrongPurpose(who, Purpose.SERVER, "it has none").remedy())
                .contains("serverAuth", "'mcp-mtls cert issue NAME --purpose server'");
    }

    @Test
    void theCertificateOfAnotherAuthorityIsNotRenewedHere() {
        Issued foreign = ThrowawayCa.root("Their CA", NOW).client("coordinator");
        assertThat(refusedBy(strict(ca), foreign).rejection().remedy())
                .contains("name its ca.crt in tls.trust-anchors")
                .doesNotContain("cert renew");
    }

    @Test
    void aNameThatAShellWouldReadIsNotPutIntoACommand() {
        for (String who : List.of("CN=$(reboot)", "spiffe://demo.local/agent/-rf", "spiffe://demo.local")) {
            assertThat(new Rejection.Expired(who, NOW, NOW).remedy()).isEqualTo("run 'mcp-mtls cert renew NAME'");
        }
    }

    @Test
    void controlCharactersOfAPeerReachNoTerminal() {
        Issued hostile = ca.client(
                "x", spec -> spec.subject("CN=\u001b[2J red").withoutNames().selfSigned());
        assertThat(refusedBy(strict(ca), hostile).rejection().explain()).matches("[\\x20-\\x7e]+");
    }

    @Test
    void theRefusalsThatComeFromTheHandshakeHaveTheirReasonsToo() {
        assertThat(new Rejection.NoCertificate().reason().alert()).isEqualTo(Alert.CERTIFICATE_REQUIRED);
        assertThat(new Rejection.NoCertificate().explain()).contains("no certificate");
        assertThat(new Rejection.ProofOfPossessionFailed("x").reason().alert()).isEqualTo(Alert.DECRYPT_ERROR);
        assertThat(new Rejection.ProofOfPossessionFailed("x").explain()).contains("could not prove");
    }
}
