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
}
