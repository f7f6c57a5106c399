// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Hostile;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of refusal, with exactly its reason. */
class RejectionsTest {

    static final ThrowawayCa CA = ThrowawayCa.root("Test CA", NOW);
    private static final List<Hostile> HOSTILE_CLIENTS = Hostile.clients(CA, NOW);

    static Stream<Hostile> hostileClients() {
        return HOSTILE_CLIENTS.stream();
    }

    @ParameterizedTest
    @MethodSource("hostileClients")
    void refusesForExactlyTheReason(Hostile hostile) {
        Verdict.Rejected rejected = refusedBy(strict(CA), hostile.credential());
        assertThat(rejected.rejection().reason().name())
                .as("%s", rejected.findings())
                .isEqualTo(hostile.reason());
        assertThat(rejected.findings()).first().isEqualTo(rejected.rejection());
        assertThat(rejected.findings()).allSatisfy(RejectionsTest::readsAsOneSentenceWithARemedy);
    }

    private static void readsAsOneSentenceWithARemedy(Rejection finding) {
        assertThat(finding.explain()).matches("[\\x20-\\x7e]{10,}");
        assertThat(finding.remedy().text()).matches("[\\x20-\\x7e]{10,}");
    }
}
