// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.CertificateException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Certificates with a genuine signature and one field changed, and how they fare. */
final class CraftedCertificates {

    private CraftedCertificates() {}

    static final ThrowawayCa CA = ThrowawayCa.root("Test CA", NOW);
    static final Issued GOOD = CA.client("a");

    static byte[] crafted(Consumer<List<byte[]>> change) {
        return Crafted.like(GOOD.leaf(), CA, change);
    }

    /** The defect without the words that all defects share; empty for none. */
    static String defect(byte[] certificate) {
        String prefix = "its encoding is not what RFC 5280 asks: ";
        return Encoding.defect(
                        certificate,
                        GOOD.leaf().getNotBefore().toInstant(),
                        GOOD.leaf().getNotAfter().toInstant())
                .map(text -> text.substring(prefix.length()))
                .orElse("");
    }

    static void assertRefused(byte[] certificate, String what) {
        assertThat(refusal(certificate)).as(what).isPresent();
    }

    /** The reason of the refusal; empty when the chain is accepted. */
    static Optional<String> refusal(byte[] certificate) {
        try {
            Verdict verdict = strict(CA).verifyClient(Chain.parse(List.of(certificate)));
            return verdict instanceof Verdict.Accepted
                    ? Optional.empty()
                    : Optional.of(refused(verdict).rejection().explain());
        } catch (CertificateException e) {
            return Optional.of("does not parse");
        }
    }

    static byte[] filled(int length, int octet) {
        byte[] all = new byte[length];
        Arrays.fill(all, (byte) octet);
        return all;
    }

    static byte[] hex(String spaced) {
        return HexFormat.of().parseHex(spaced.replace(" ", ""));
    }
}
