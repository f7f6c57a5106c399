// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.remedy.Act.Verb;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RemedyTest {

    private static final Remedy REMEDY = Remedy.of("give it a new key")
            .by(Act.on(Verb.REKEY, "weather").in(Path.of("store")))
            .then(", or set ")
            .then(Setting.TOLERATE, "no-key-identifiers")
            .then("; else ")
            .then(Act.of(Verb.INITIALISE));

    @Test
    void isInTheWordsOfJavaWhereNoProgramBringsItsOwn() {
        assertThat(REMEDY)
                .hasToString("give it a new key, or set tls.tolerate: [no-key-identifiers] (TrustPolicy.withTolerances)"
                        + "; else make a store with an authority (Initialisation)");
        assertThat(Remedy.of(Setting.TRUST_ANCHORS)).hasToString("tls.trust-anchors (TrustAnchors.load)");
        assertThat(Remedy.ofKey("health.listen")).hasToString("health.listen");
    }

    @Test
    void isInTheWordsThatItIsGiven() {
        RemedyWording signs = new RemedyWording() {
            @Override
            public String clause(Act act) {
                return "do " + act.verb();
            }

            @Override
            public String hint(Act act) {
                return " by " + act.verb() + " " + act.credential() + " in "
                        + act.store().orElseThrow();
            }

            @Override
            public String setting(Setting setting) {
                return setting.name();
            }

            @Override
            public String key(String key) {
                return "key " + key;
            }

            @Override
            public String setting(Setting setting, String value) {
                return setting + "=" + value;
            }
        };
        assertThat(REMEDY.in(signs))
                .isEqualTo("give it a new key by REKEY weather in store, or set TOLERATE=no-key-identifiers"
                        + "; else do INITIALISE");
        assertThat(Remedy.ofKey("health.listen").in(signs)).isEqualTo("key health.listen");
    }

    @Test
    void namesItsActsForProgramsThatCarryThemOut() {
        assertThat(REMEDY.acts())
                .containsExactly(Act.on(Verb.REKEY, "weather").in(Path.of("store")), Act.of(Verb.INITIALISE));
        assertThat(Remedy.of("wait").acts()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void javaNamesTheCredentialWhereItIsKnown(Verb verb) {
        assertThat(Remedy.of(Act.of(verb)).text()).isNotBlank().doesNotContain("  ", "NAME", "mcp-mtls ");
        assertThat(Remedy.of(Act.on(Verb.RENEW, "weather")).text()).contains("weather");
    }
}
