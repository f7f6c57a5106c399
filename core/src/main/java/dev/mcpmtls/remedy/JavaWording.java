// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

/** The words for a program that uses these rooms as a library: acts in plain words, settings with the methods that take them. */
final class JavaWording implements RemedyWording {

    @Override
    public String clause(Act act) {
        String credential = act.credential().isEmpty() ? "the credential" : "the credential " + act.credential();
        return switch (act.verb()) {
            case RENEW -> "renew " + credential + " with the authority that issued it";
            case REKEY -> "have the authority of " + credential + " issue it again with a new key";
            case ISSUE -> "have an authority issue " + credential;
            case ISSUE_FOR_CLIENT -> "have an authority issue " + credential + " for a client";
            case ISSUE_FOR_SERVER -> "have an authority issue " + credential + " for a server";
            case INITIALISE -> "make a store with an authority (Initialisation)";
            case ROLL_OVER -> "replace the authority step by step (Authority.rollover)";
            case PREPARE_ROLLOVER -> "prepare a new authority (Authority.rollover)";
            case SHOW_ROLLOVER -> "look at the rollover (Authority.rollover)";
            case LIST_CERTIFICATES -> "list them (Authority.issued)";
            case JOIN -> "enrol this machine";
            case WITHDRAW_INVITATION -> "withdraw an invitation (Enrolment.withdraw)";
            case LIST_INVITATIONS -> "list them (Enrolment.invitations)";
            case SHOW -> "take it from the certificate (PublicKeyPin.of)";
            case LIST_SETTINGS -> "see Keys.all()";
            case SHOW_PINS -> "compare its tools with those that were pinned (PinnedTools)";
            case EXPLAIN_CALL -> "see which rules were considered (Policy.explain)";
            case RELAX_ON_NETWORK -> "accept unverified peers from the network";
        };
    }

    @Override
    public String hint(Act act) {
        return "";
    }

    @Override
    public String setting(Setting setting) {
        return setting.key().isEmpty() ? setting.method() : setting.key() + " (" + setting.method() + ")";
    }

    @Override
    public String key(String key) {
        return key;
    }

    @Override
    public String setting(Setting setting, String value) {
        return setting.key() + ": [" + value + "] (" + setting.method() + ")";
    }
}
