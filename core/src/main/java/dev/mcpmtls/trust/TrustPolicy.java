// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.PublicKeyPin;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What it takes to be accepted: strict, relaxed by named relaxations, or pinned. Immutable. */
public final class TrustPolicy {

    /** The word of configuration and audit log. */
    public enum Validation {
        /** All checks enforced. */
        STRICT,
        /** Named checks recorded instead of enforced. */
        RELAXED,
        /** Exactly the listed keys. */
        PINNED;

        /** The word users write, for example {@code strict}. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Validation validation;
    private final TrustAnchors anchors;
    private final Set<Relaxation> relaxations;
    private final Set<PublicKeyPin> pins;

    private TrustPolicy(
            Validation validation, TrustAnchors anchors, Set<Relaxation> relaxations, Set<PublicKeyPin> pins) {
        this.validation = validation;
        this.anchors = anchors;
        this.relaxations = Set.copyOf(relaxations);
        this.pins = Set.copyOf(pins);
    }

    /** Every check enforced; the default everywhere. */
    public static TrustPolicy strict(TrustAnchors anchors) {
        return new TrustPolicy(Validation.STRICT, anchors, Set.of(), Set.of());
    }

    /** Named checks recorded instead of enforced; for demonstrations and for finding out what strict would refuse. */
    public static TrustPolicy relaxed(TrustAnchors anchors, Relaxation first, Relaxation... more) {
        Set<Relaxation> named = EnumSet.of(first);
        named.addAll(Arrays.asList(more));
        return new TrustPolicy(Validation.RELAXED, anchors, named, Set.of());
    }

    /** Exactly the peers that hold these keys. */
    public static TrustPolicy pinned(Set<PublicKeyPin> pins) {
        return new TrustPolicy(Validation.PINNED, new TrustAnchors(java.util.List.of()), Set.of(), pins);
    }

    /** Which of the three. */
    public Validation validation() {
        return validation;
    }

    /** Where verification starts. */
    public TrustAnchors anchors() {
        return anchors;
    }

    /** The checks that are recorded instead of enforced; empty unless relaxed. */
    public Set<Relaxation> relaxations() {
        return relaxations;
    }

    /** The accepted keys; empty unless pinned. */
    public Set<PublicKeyPin> pins() {
        return pins;
    }
}
