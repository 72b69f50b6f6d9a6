/** swagger-client: the document resolved once, then `execute` with its own fetch; it keeps no token, so that one is given. */
import SwaggerClient from 'swagger-client';
import type { Contender } from './contender.ts';
import { itemOf, ORDER, SHOP, shopDocument, TOKEN, TRACE } from './shop.ts';

export const swaggerClient: Contender = {
  name: 'swagger-client',
  isPeer: true,
  prepare: async (origin) => {
    const { spec } = await SwaggerClient.resolve({ spec: shopDocument(origin) });
    const securities = { authorized: { shop: { token: { access_token: TOKEN, token_type: 'Bearer' } } } };
    return {
      get: async (i) => {
        const parameters = { shop: SHOP, ...itemOf(i), 'X-Trace': TRACE };
        return (await SwaggerClient.execute({ spec, operationId: 'getItem', parameters, securities })).body;
      },
      post: async () => {
        const parameters = { shop: SHOP, 'X-Trace': TRACE };
        const { body } = await SwaggerClient.execute({
          spec,
          operationId: 'addItem',
          parameters,
          requestBody: ORDER,
          securities,
        });
        return body;
      },
      close: () => Promise.resolve(),
    };
  },
};
