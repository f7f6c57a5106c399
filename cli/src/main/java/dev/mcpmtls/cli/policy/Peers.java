// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.cli.cert.Certificates;
import dev.mcpmtls.policy.Callers;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.Assurance;
import java.util.Optional;
import java.util.regex.Pattern;

/** Peers that are asked about: by names, or by a certificate of the store, a file or a server. */
record Peers(Settings settings) {

    private static final Pattern NAMES = Pattern.compile("\\s*(?:spiffe://|dns:|ip:|pin:).*", Pattern.DOTALL);

    /**
     * The caller of that text.
     *
     * @param assurance verified when it is empty; pinned when there is nothing but a pin
     */
    Caller find(String text, Optional<Assurance> assurance) {
        if (NAMES.matcher(text).matches()) {
            return Callers.named(text, assurance);
        }
        return Caller.presenting(
                new Certificates(settings).find(text).chain().leaf(), assurance.orElse(Assurance.VERIFIED));
    }
}
