// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuestionTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final Chain chain = Verifying.chain(ca.server("weather"));
    private final DnsName name = DnsName.parse("localhost");
    private final Question asked = Question.of(chain, Purpose.SERVER, Optional.of(name));

    @Test
    void isTheSameAboutTheSameChainInTheSameRoleUnderTheSameName() {
        Question again = Question.of(chain, Purpose.SERVER, Optional.of(name));
        assertThat(again).isEqualTo(asked).hasSameHashCodeAs(asked).isEqualTo(asked.about(chain));
    }

    @Test
    void isAnotherAboutAnotherChainInAnotherRoleOrUnderAnotherName() {
        Chain other = Verifying.chain(ca.server("weather"));
        assertThat(Question.of(other, Purpose.SERVER, Optional.of(name))).isNotEqualTo(asked);
        assertThat(Question.of(chain, Purpose.CLIENT, Optional.of(name))).isNotEqualTo(asked);
        assertThat(Question.of(chain, Purpose.SERVER, Optional.of(DnsName.parse("other"))))
                .isNotEqualTo(asked);
        assertThat(Question.of(chain, Purpose.SERVER, Optional.empty())).isNotEqualTo(asked);
        assertThat(asked.equals((Object) chain)).isFalse();
    }
}
