// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.RevocationRejection;
import dev.mcpmtls.trust.UseRejection;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandWordingTest {

    private static final String WHO = "spiffe://demo.local/agent/coordinator";

    @Test
    void isFoundByTheRoomsBelow() {
        assertThat(new UseRejection.Expired(WHO, Instant.EPOCH, Instant.EPOCH).remedy())
                .hasToString("run 'mcp-mtls cert renew coordinator'");
        assertThat(new RevocationRejection.Revoked(WHO, BigInteger.ONE, "a list", Optional.empty()).remedy())
                .hasToString(
                        "give it a new key ('mcp-mtls cert rekey coordinator'), unless the revocation was intended");
        assertThat(new UseRejection.WrongPurpose(WHO, Purpose.SERVER, "it has none").remedy())
                .hasToString("present a certificate with the extended key usage serverAuth"
                        + " ('mcp-mtls cert issue NAME --purpose server')");
    }

    @Test
    void namesSettingsWithTheirFlags() {
        assertThat(Remedy.of(Setting.TRUST_ANCHORS)).hasToString("tls.trust-anchors (--trust-anchors)");
        assertThat(Remedy.of("set ").then(Setting.TOLERATE, "no-key-identifiers"))
                .hasToString("set tls.tolerate: [no-key-identifiers] (--tolerate no-key-identifiers)");
        assertThat(Remedy.of(Setting.STORE)).hasToString("--dir");
        assertThat(Remedy.ofKey("health.listen")).hasToString("health.listen, or --health-listen");
        assertThat(Remedy.ofKey("servers.files.listen")).hasToString("servers.files.listen, or --listen");
        assertThat(Remedy.ofKey("authority.listen")).hasToString("authority.listen, or --listen");
    }

    @Test
    void namesAStoreAsAShellReadsIt() {
        Act issue = Act.on(Verb.ISSUE_FOR_SERVER, "files");
        assertThat(Remedy.of(issue.in(Path.of("/srv/store"))))
                .hasToString("run 'mcp-mtls cert issue files --purpose server --dir /srv/store'");
        assertThat(Remedy.of(issue.in(Path.of("/srv/my $HOME"))))
                .hasToString("run 'mcp-mtls cert issue files --purpose server --dir \"/srv/my \\$HOME\"'");
    }

    @ParameterizedTest
    @EnumSource
    void hasACommandForEveryAct(Verb verb) {
        assertThat(Remedy.of(verb).text()).contains("'mcp-mtls ");
        assertThat(Remedy.of("so").by(verb).text()).startsWith("so ('mcp-mtls ");
    }

    @ParameterizedTest
    @EnumSource
    void everySettingThatHasAKeyIsOne(Setting setting) {
        if (!setting.key().isEmpty()) {
            assertThat(Keys.all()).extracting(Key::path).contains(setting.key());
        }
        assertThat(Remedy.of(setting).text()).contains("--");
    }
}
