// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.transport.server.caller.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/** The parts of ours that a native image has to hold: BoringSSL's libraries, which are loaded by name, and the type that tools' methods ask for. */
final class MtlsRuntimeHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources().registerPattern("META-INF/native/*netty_tcnative*");
        hints.reflection().registerType(Caller.class, MemberCategory.INVOKE_PUBLIC_METHODS);
    }
}
