// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RelaxationTest {

    @Test
    void isParsedFromTheWordUsersWrite() {
        for (Relaxation relaxation : Relaxation.values()) {
            assertThat(Relaxation.parse(relaxation.text())).isSameAs(relaxation);
        }
        assertThat(Relaxation.parse("untrusted-issuer")).isSameAs(Relaxation.UNTRUSTED_ISSUER);
    }

    @Test
    void theBareWordLeavesAnchorsBound() {
        assertThat(Relaxation.all()).hasSize(4).doesNotContain(Relaxation.ISSUER_NOT_ALLOWED);
    }

    @Test
    void anotherWordIsRefusedWithThoseThereAre() {
        assertThatThrownBy(() -> Relaxation.parse("EXPIRED"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EXPIRED")
                .hasMessageEndingWith("there are: untrusted-issuer, expired, hostname, purpose, issuer-not-allowed");
    }
}
