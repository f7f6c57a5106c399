// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** A server that checks tokens and a client that fetches them share no code but what both need; neither needs Netty. */
@AnalyzeClasses(packages = "dev.mcpmtls.oauth", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule OAUTH_NEEDS_NO_NETTY = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "io.vertx..", "dev.mcpmtls.transport..");

    @ArchTest
    static final ArchRule THE_SERVER_KNOWS_NO_CLIENT = classes()
            .that()
            .resideInAPackage("dev.mcpmtls.oauth.resource..")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackage("dev.mcpmtls.oauth.client..")
            .allowEmptyShould(true);

    /** Until a server asks for a token, a client loads these alone: none of them costs more than itself. */
    @ArchTest
    static final ArchRule A_CLIENT_LOADS_NO_LIBRARY_BEFORE_IT_NEEDS_ONE = noClasses()
            .that()
            .haveNameMatching(".*\\.client\\.(store|web)\\..*")
            .or()
            .haveNameMatching(
                    ".*\\.client\\.(OAuthClient|OAuthSettings|Steps|TokenAuthorization|grant\\.Grant|grant\\.Client"
                            + "|grant\\.ClientAuthentication|login\\.Browser)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.nimbusds..");
}
