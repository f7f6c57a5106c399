// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.SpiffeId;
import java.util.Optional;

/** The trust domain of a chain. */
final class Trust {

    private Trust() {}

    static Optional<String> domain(Chain chain) {
        try {
            return AlternativeNames.of(chain.leaf()).identities().stream()
                    .filter(SpiffeId.class::isInstance)
                    .map(name -> ((SpiffeId) name).trustDomain())
                    .findFirst();
        } catch (MalformedDerException e) {
            return Optional.empty();
        }
    }
}
