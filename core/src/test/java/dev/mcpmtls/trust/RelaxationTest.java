// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RelaxationTest {

    @Test
    void isParsedFromTheWordUsersWrite() {
        assertThat(Relaxation.all()).containsExactly(Relaxation.values());
        for (Relaxation relaxation : Relaxation.all()) {
            assertThat(Relaxation.parse(relaxation.text())).isSameAs(relaxation);
        }
        assertThat(Relaxation.parse("untrusted-issuer")).isSameAs(Relaxation.UNTRUSTED_ISSUER);
    }

    @Test
    void anotherWordIsRefusedWithThoseThereAre() {
        assertThatThrownBy(() -> Relaxation.parse("EXPIRED"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EXPIRED")
                .hasMessageEndingWith("there are: untrusted-issuer, expired, hostname, purpose");
    }
}
