// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.UnusableCredentialException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/**
 * The latest CRLs from files that have been in force, because an older one would reinstate certificates that were revoked
 * since. CRLs whose file was removed are remembered, so that an older one cannot return in two steps. Immutable.
 */
record CrlHistory(List<CrlEdition> latest) {

    /** The history before any CRL was in force: it accepts all. */
    static final CrlHistory NONE = new CrlHistory(List.of());

    /**
     * The history once these are in force.
     *
     * @throws UnusableCredentialException when all CRLs of a series are older than one that was in force
     */
    CrlHistory followedBy(List<Crl> crls) {
        List<CrlEdition> next = new ArrayList<>(crls.stream().map(Crl::edition).toList());
        Map<X500Principal, List<CrlEdition>> byIssuer =
                next.stream().collect(Collectors.groupingBy(CrlEdition::issuer));
        for (CrlEdition last : latest) {
            List<CrlEdition> successors = byIssuer.getOrDefault(last.issuer(), List.of()).stream()
                    .filter(last::isOfSameSeries)
                    .toList();
            if (successors.isEmpty()) {
                next.add(last);
            } else if (successors.stream().allMatch(successor -> successor.isOlderThan(last))) {
                throw older(successors.get(0), last);
            }
        }
        return new CrlHistory(List.copyOf(next));
    }

    private static UnusableCredentialException older(CrlEdition refused, CrlEdition last) {
        return new UnusableCredentialException(refused.source() + " holds " + refused.olderThan(last)
                + ", which would reinstate revoked certificates; copy the authority's newest CRL there, or restart if"
                + " the authority was restored from a backup");
    }
}
