// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.reload.CredentialSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Root");
    private final AtomicReference<Credential> current = new AtomicReference<>(credential(spec ->
            spec.dns("Files.internal").dns("*.apps.internal").ip("192.0.2.7").ip("2001:db8:0:0:0:0:0:1")));
    private final Supplier<HostNames> hosts = HostNames.of(new CredentialSource() {

        @Override
        public Credential current() {
            return current.get();
        }

        @Override
        public Subscription onChange(Runnable listener) {
            return () -> {};
        }
    });
    private final HostPolicy policy = new HostPolicy(hosts, Set.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "files.internal",
                "FILES.INTERNAL:8446",
                "files.internal.",
                "a.apps.internal",
                "a.apps.internal:443",
                "192.0.2.7:1",
                "[2001:db8::1]",
                "[2001:DB8:0::0:1]:8446",
                "localhost",
                "127.0.0.1",
                "[::1]"
            })
    void coverWhatTheCertificateNames(String authority) {
        assertThat(policy.allowsHost(authority)).isTrue();
        assertThat(policy.allowsHost(authority)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example.com",
                "internal",
                "x.files.internal",
                "apps.internal",
                ".apps.internal",
                "a.b.apps.internal",
                "192.0.2.8",
                "[2001:db8::2]",
                "[::ffff:192.0.2.7]",
                "0.0.0.0"
            })
    void coverNothingElse(String authority) {
        assertThat(policy.allowsHost(authority)).isFalse();
    }

    @Test
    void followACredentialThatIsReplaced() {
        assertThat(policy.allowsHost("files.internal")).isTrue();

        current.set(credential(spec -> spec.dns("renamed.internal")));

        assertThat(policy.allowsHost("renamed.internal")).isTrue();
        assertThat(policy.allowsHost("files.internal")).isFalse();
    }

    @Test
    void showOneThatClientsElsewhereCanUse() {
        List<String> named = HostNames.named(current.get());

        assertThat(HostNames.reachable(named, "0.0.0.0")).contains("files.internal");
        assertThat(HostNames.reachable(named, "192.0.2.7")).contains("192.0.2.7");
        assertThat(HostNames.reachable(List.of("localhost", "*.apps.internal", "192.0.2.7"), "0.0.0.0"))
                .contains("192.0.2.7");
        assertThat(HostNames.reachable(List.of("localhost", "127.0.0.1"), "0.0.0.0"))
                .isEmpty();
    }

    private Credential credential(UnaryOperator<CertificateSpec> names) {
        Issued issued = ca.client("files", names);
        return Credential.of("files", issued.privateKey(), new Chain(issued.chain()));
    }
}
