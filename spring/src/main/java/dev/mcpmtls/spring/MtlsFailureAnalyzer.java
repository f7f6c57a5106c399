// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.policy.BadPolicyException;
import dev.mcpmtls.transport.server.http.CannotListenException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Tells in two sentences why the program did not start, and what to do. */
final class MtlsFailureAnalyzer implements FailureAnalyzer {

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MtlsSetupException setup) {
                return analysis(setup, setup.remedy());
            }
            if (cause instanceof UnusableCredentialException unusable) {
                return analysis(
                        unusable,
                        unusable.remedy()
                                .map(remedy -> sentence(remedy.toString()))
                                .orElse("Correct the file, or name another in mcp.mtls."));
            }
            if (cause instanceof CannotListenException) {
                return analysis(
                        cause,
                        "Stop what listens there, or set another address in " + MtlsServerProperties.PREFIX
                                + ".listen.");
            }
            if (cause instanceof BadPolicyException) {
                return analysis(
                        cause, "Correct the access rules; 'mcp-mtls policy check' finds every mistake in them.");
            }
        }
        return null;
    }

    private static FailureAnalysis analysis(Throwable cause, String remedy) {
        return new FailureAnalysis(sentence(String.valueOf(cause.getMessage())), remedy, cause);
    }

    private static String sentence(String text) {
        boolean beginsWithName = text.split("\\s", 2)[0].matches(".*[./'].*");
        String begun = beginsWithName ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
        return begun.endsWith(".") ? begun : begun + ".";
    }
}
