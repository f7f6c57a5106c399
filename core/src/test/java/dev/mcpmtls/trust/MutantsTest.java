// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of altered certificates: each is refused, and none causes an exception. The seed is printed on failure. */
class MutantsTest {

    private static final int MUTANTS = Integer.getInteger("mutants", 2000);

    private final long seed = Long.getLong("mutants.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @Test
    @Timeout(120)
    void noneIsAcceptedAndNothingEscapes() throws Exception {
        ChainVerifier verifier = strict(ca);
        Issued server = ca.intermediate("Team CA").server("weather");
        List<byte[]> honest = new ArrayList<>();
        for (X509Certificate certificate : server.chain()) {
            honest.add(certificate.getEncoded());
        }
        DnsName name = DnsName.parse("localhost");
        assertThat(verifier.verifyServer(Chain.parse(honest), name)).isInstanceOf(Verdict.Accepted.class);
        int parsed = 0;
        for (int i = 0; i < MUTANTS; i++) {
            List<byte[]> mutated = new ArrayList<>(honest);
            int which = random.nextInt(mutated.size());
            mutated.set(which, mutate(mutated.get(which)));
            Chain chain;
            try {
                chain = Chain.parse(mutated);
            } catch (CertificateException e) {
                continue; // refused already
            }
            parsed++;
            assertThat(verifier.verifyServer(chain, name))
                    .as("seed %d, mutant %d", seed, i)
                    .isInstanceOf(Verdict.Rejected.class);
        }
        assertThat(parsed).as("mutants that parse, seed %d", seed).isGreaterThan(MUTANTS / 20);
    }

    /** Alterations under a genuine signature reach every rule; some of them are even valid. */
    @Test
    @Timeout(120)
    void nothingEscapesWhenTheIssuerSignedWhatIsAltered() throws Exception {
        ChainVerifier verifier = strict(ca);
        ThrowawayCa team = ca.intermediate("Team CA", MutantsTest::constrained);
        Issued server = team.server("weather");
        DnsName name = DnsName.parse("localhost");
        assertThat(verifier.verifyServer(new Chain(server.chain()), name)).isInstanceOf(Verdict.Accepted.class);
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            boolean isLeaf = random.nextBoolean();
            byte[] altered = Crafted.like(isLeaf ? server.leaf() : team.certificate(), isLeaf ? team : ca, fields -> {
                int which = random.nextInt(fields.size());
                fields.set(which, mutate(fields.get(which)));
            });
            List<byte[]> chain = isLeaf
                    ? List.of(altered, team.certificate().getEncoded())
                    : List.of(server.leaf().getEncoded(), altered);
            try {
                refused += verifier.verifyServer(Chain.parse(chain), name) instanceof Verdict.Rejected ? 1 : 0;
            } catch (CertificateException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", mutant " + i, e);
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(MUTANTS / 2);
    }

    private static CertificateSpec constrained(CertificateSpec spec) {
        return spec.extension(
                "2.5.29.30",
                true,
                new NameConstraints(
                        new GeneralSubtree[] {
                            new GeneralSubtree(new GeneralName(GeneralName.dNSName, "localhost")),
                            new GeneralSubtree(new GeneralName(new X500Name("CN=weather")))
                        },
                        new GeneralSubtree[] {
                            new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "192.0.2.0/24")),
                            new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, "example.com"))
                        }));
    }

    private byte[] mutate(byte[] original) {
        byte[] mutant = original.clone();
        do {
            int at = random.nextInt(mutant.length);
            switch (random.nextInt(4)) {
                case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> mutant[at] = (byte) random.nextInt(256);
                case 2 -> mutant[at] = 0;
                default -> {
                    int from = random.nextInt(mutant.length);
                    int length = Math.min(random.nextInt(8) + 1, mutant.length - Math.max(at, from));
                    System.arraycopy(original, from, mutant, at, length);
                }
            }
        } while (Arrays.equals(mutant, original));
        return mutant;
    }
}
