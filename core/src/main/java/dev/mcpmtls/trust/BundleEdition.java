// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The age of a SPIFFE bundle.
 *
 * @param sequence grows with every change of the bundle; empty when it has none
 * @param refreshHint how often its consumers should fetch it again; empty when it has none
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Trust_Domain_and_Bundle.md">SPIFFE Trust Domain and Bundle,
 *     section 4.1</a>
 */
public record BundleEdition(OptionalLong sequence, Optional<Duration> refreshHint) {

    /** For messages, for example {@code sequence 12, refresh every PT5M}. */
    @Override
    public String toString() {
        String number = sequence.isPresent() ? "sequence " + sequence.getAsLong() : "no sequence number";
        return number + refreshHint.map(hint -> ", refresh every " + hint).orElse("");
    }
}
