// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemediesTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @Test
    void anExpiredCertificateIsExplainedWithItsEndAndTheActThatRenewsIt() {
        Issued late = ca.client("coordinator", spec -> spec.valid(NOW.minusSeconds(90), NOW.minusSeconds(30)));
        Rejection rejection = refusedBy(strict(ca), late).rejection();
        assertThat(rejection.explain())
                .isEqualTo("the certificate of spiffe://demo.local/agent/coordinator expired on 2026-11-22T11:59:30Z"
                        + " (now 2026-11-22T12:00:00Z)");
        assertThat(rejection.remedy().acts()).containsExactly(Act.on(Verb.RENEW, "coordinator"));
        assertThat(rejection.remedy().text())
                .isEqualTo("renew the credential coordinator with the authority that issued it");
        assertThat(new UseRejection.NotYetValid("x", NOW, NOW.minusMillis(1)).explain())
                .isEqualTo("the certificate of x is not valid before 2026-11-22T12:00:00Z (now 2026-11-22T11:59:59Z)");
    }

    @Test
    void whatARenewalWouldKeepIsNotMendedByOne() {
        String who = "spiffe://demo.local/agent/coordinator";
        Rejection revoked = new RevocationRejection.Revoked(who, BigInteger.ONE, "a list", Optional.empty());
        Rejection forAnother = new UseRejection.WrongPurpose(who, Purpose.SERVER, "it has none");
        assertThat(revoked.remedy().acts()).containsExactly(Act.on(Verb.REKEY, "coordinator"));
        assertThat(revoked.remedy().text()).isEqualTo("give it a new key, unless the revocation was intended");
        assertThat(new KeyRejection.WeakKey(who, "RSA 1024").remedy().acts())
                .containsExactly(Act.on(Verb.REKEY, "coordinator"));
        assertThat(forAnother.remedy().acts()).containsExactly(Act.of(Verb.ISSUE_FOR_SERVER));
        assertThat(forAnother.remedy().text()).endsWith("serverAuth");
    }

    @Test
    void theCertificateOfAnotherAuthorityIsNotRenewedHere() {
        Issued foreign = ThrowawayCa.root("Their CA", NOW).client("coordinator");
        assertThat(refusedBy(strict(ca), foreign).rejection().remedy().text())
                .contains("name its ca.crt in tls.trust-anchors")
                .doesNotContain("cert renew");
    }

    @Test
    void aNameThatAShellWouldReadIsNotPutIntoAnAct() {
        for (String who : List.of("CN=$(reboot)", "spiffe://demo.local/agent/-rf", "spiffe://demo.local")) {
            assertThat(new UseRejection.Expired(who, NOW, NOW).remedy().acts()).containsExactly(Act.of(Verb.RENEW));
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
        assertThat(new FormRejection.NoCertificate().reason().alert()).isEqualTo(Alert.CERTIFICATE_REQUIRED);
        assertThat(new FormRejection.NoCertificate().explain()).contains("no certificate");
        assertThat(new KeyRejection.ProofOfPossessionFailed("x").reason().alert())
                .isEqualTo(Alert.DECRYPT_ERROR);
        assertThat(new KeyRejection.ProofOfPossessionFailed("x").explain()).contains("could not prove");
    }
}
