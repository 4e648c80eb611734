if(resource['hookline.db.name'] != '', resource['hookline.db.name'],
    concat(resource['server.address'], ':', resource['server.port'])) AS of_database
