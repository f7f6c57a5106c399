// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The result of {@code init}, which creates an authority and credentials. It adds missing files and never overwrites, so it can
 * run again at any time, and completes an interrupted run.
 *
 * @param steps the steps in order: the authority, each credential, the CRL
 */
public record Initialisation(List<Step> steps) {

    /** The result of a step. */
    public enum Outcome {
        /** It was missing and was created. */
        MADE,
        /** It existed and was left unchanged. */
        KEPT
    }

    /**
     * One step of {@code init}.
     *
     * @param what for example {@code authority} or a credential's name
     * @param where its directory or file
     */
    public record Step(String what, Path where, Outcome outcome) {}

    /** Copies the list. */
    public Initialisation {
        steps = List.copyOf(steps);
    }

    /** Whether everything existed already. */
    public boolean changedNothing() {
        return steps.stream().allMatch(step -> step.outcome() == Outcome.KEPT);
    }

    /**
     * Creates the missing parts. Two concurrent runs share the work.
     *
     * @param profile of the authority, if it is missing
     * @param type of the credentials' keys
     * @param grants the required credentials
     * @param passphrase for the authority's key: it encrypts a new key or decrypts an existing one; the caller closes it
     */
    public static Initialisation run(
            Store store,
            AuthorityProfile profile,
            KeyType type,
            List<Grant> grants,
            Optional<Passphrase> passphrase,
            Surroundings surroundings) {
        return run(store, profile, type, grants, passphrase, surroundings, Optional::empty);
    }

    /**
     * As the other.
     *
     * @param precondition makes what a new authority must not be without, right before the authority is made, while the store is locked.
     *     It does not run for an authority that exists or is lost. An exception of it ends the initialisation
     */
    public static Initialisation run(
            Store store,
            AuthorityProfile profile,
            KeyType type,
            List<Grant> grants,
            Optional<Passphrase> passphrase,
            Surroundings surroundings,
            Supplier<Optional<Step>> precondition) {
        store.requireOwn();
        List<Step> preconditions = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        boolean hadList = Files.exists(store.revocationList());
        boolean isNew = store.lock().alone(() -> {
            if (store.hasAuthority()) {
                return false;
            }
            store.requireNoneLost();
            grants.stream().map(Grant::name).filter(name -> !store.holds(name)).forEach(store::requireWritable);
            precondition.get().ifPresent(preconditions::add);
            new Issuers(store.issuers(), passphrase).add(Issuers.Slot.CURRENT, profile, surroundings);
            return true;
        });
        steps.add(step("authority", store.issuers().path(), isNew));
        Authority authority = Authority.open(store, passphrase, surroundings);
        for (Grant grant : grants) {
            boolean isIssued = authority.issueIfMissing(grant, type).isPresent();
            steps.add(step(grant.name(), store.credential(grant.name()), isIssued));
        }
        boolean isRepaired = authority.repairRevocationList();
        steps.add(step("revocation list", store.revocationList(), isRepaired || !hadList));
        steps.addAll(preconditions);
        return new Initialisation(steps);
    }

    private static Step step(String what, Path where, boolean isMade) {
        return new Step(what, where, isMade ? Outcome.MADE : Outcome.KEPT);
    }
}
