// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReplaceableCredentialTest {

    private final ThrowawayCa ca = ThrowawayCa.root("CA");

    @Test
    void aListenerThatFailsKeepsNoOtherFromTheReplacement() {
        ReplaceableCredential replaceable = new ReplaceableCredential(credential("first"));
        AtomicInteger notified = new AtomicInteger();
        replaceable.onChange(() -> {
            throw new IllegalStateException("broken");
        });
        replaceable.onChange(notified::incrementAndGet);

        Credential next = credential("next");
        replaceable.replace(next);

        assertThat(replaceable.current()).isSameAs(next);
        assertThat(notified).hasValue(1);
    }

    private Credential credential(String name) {
        Issued issued = ca.client(name);
        return Credential.of(name, issued.privateKey(), new Chain(issued.chain()));
    }
}
